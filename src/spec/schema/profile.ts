import { z } from 'zod';
import { field, imagePrefixText, isRange, nodePathText, someTimeText } from './field.ts';

const range = z
  .strictObject({
    min: field(z.number().int().min(0), 'Smallest value.', 1),
    max: field(z.number().int().min(0), 'Largest value.', 65_535),
  })
  .refine(isRange, { error: 'min-max' });

const portRange = z
  .strictObject({
    min: field(z.number().int().min(0).max(65_535), 'First port.', 7472),
    max: field(z.number().int().min(0).max(65_535), 'Last port.', 7472),
  })
  .refine(isRange, { error: 'min-max' });

// The names of the tables of src/spec/validation.ts that say which words there are.
const seccompText = z
  .string()
  .regex(/^(RuntimeDefault|Unconfined|Unset|Localhost(\/.+)?|\*)$/, { error: 'seccomp' });
const appArmorText = z
  .string()
  .regex(/^(RuntimeDefault|Unconfined|Localhost(\/.+)?|\*)$/, { error: 'app-armor' });
const procMountText = z.string().regex(/^(Default|Unmasked|\*)$/, { error: 'proc-mount' });

const ids = z.strictObject({
  rule: field(
    z.enum(['MustRunAs', 'MayRunAs', 'RunAsAny']),
    'MustRunAs also refuses pods that set none.',
    'MayRunAs',
  ),
  ranges: field(z.array(range).default([]), 'Allowed ids.', [{ min: 1, max: 65_535 }]),
});

const user = z.strictObject({
  rule: field(
    z.enum(['MustRunAs', 'MustRunAsNonRoot', 'RunAsAny']),
    'Which users containers may run as.',
    'MustRunAsNonRoot',
  ),
  ranges: field(z.array(range).default([]), 'Allowed user ids.', [{ min: 1000, max: 2000 }]),
});

const hostPath = z.union([
  nodePathText,
  z.strictObject({
    pathPrefix: field(nodePathText, 'Path and everything below it.', '/var/log'),
    readOnly: field(z.boolean().default(true), 'Every mount of it must be read-only.', true),
  }),
]);

const seLinux = z.strictObject({
  rule: field(
    z.enum(['MustBeUnset', 'MustRunAs', 'RunAsAny']),
    'MustRunAs: what a pod sets must be this; MustBeUnset: it sets nothing.',
    'MustBeUnset',
  ),
  level: field(z.string().exactOptional(), 'Level.', 's0:c123,c456'),
  role: field(z.string().exactOptional(), 'Role.', 'object_r'),
  type: field(z.string().exactOptional(), 'Type.', 'container_t'),
  user: field(z.string().exactOptional(), 'User.', 'system_u'),
});

const images = z.strictObject({
  registries: field(z.array(imagePrefixText).min(1).exactOptional(), 'Prefixes that images must have.', [
    'registry.example.com/',
  ]),
  digest: field(
    z.enum(['required', 'optional']).default('optional'),
    'Whether images must have a digest, their own or that of toryo.lock.',
    'required',
  ),
});

const waivable = z.strictObject({
  rules: field(
    z.array(z.string().regex(/^TRY-[A-Z]+-\d{3}$/, { error: 'rule' })),
    'Rules that a Waiver may ask to leave out.',
    ['TRY-SEC-012'],
  ),
  atMost: field(someTimeText, 'Longest time of a Waiver.', '90d'),
});

const fillable = z.enum([
  'seccomp',
  'runAsNonRoot',
  'runAsUser',
  'runAsGroup',
  'allowPrivilegeEscalation',
  'dropCapabilities',
  'readOnlyRootFilesystem',
]);

/** SecurityProfile: what a pod may be. A field left out has its strictest value. */
export const profileSpec = z.strictObject({
  privileged: field(z.boolean().default(false), 'Privileged containers.', false),
  allowPrivilegeEscalation: field(
    z.boolean().default(false),
    'Gaining more privileges than the parent.',
    false,
  ),
  requiredDropCapabilities: field(
    z.array(z.string()).default(['ALL']),
    'Capabilities that containers must drop, without CAP_.',
    ['ALL'],
  ),
  allowedCapabilities: field(
    z.array(z.string()).default([]),
    'Capabilities that containers may add, without CAP_; `*` is every one.',
    ['NET_BIND_SERVICE'],
  ),
  volumes: field(
    z
      .array(z.string())
      .default(['configMap', 'emptyDir', 'projected', 'secret', 'downwardAPI', 'persistentVolumeClaim']),
    'Kinds of volumes; `*` is every one.',
    ['configMap', 'secret'],
  ),
  allowedHostPaths: field(
    z.array(hostPath).default([]),
    'Paths of the node, with volume kind hostPath; a path alone may only be read; `/` is every path.',
    ['/var/log'],
  ),
  allowedCSIDrivers: field(
    z.array(z.string()).default([]),
    'Drivers of volumes of kind csi; `*` is every driver.',
    ['secrets-store.csi.k8s.io'],
  ),
  allowedFlexVolumes: field(
    z.array(z.string()).default([]),
    'Drivers of volumes of kind flexVolume; `*` is every driver.',
    ['example/lvm'],
  ),
  hostNetwork: field(z.boolean().default(false), 'The node’s network.', false),
  hostIPC: field(z.boolean().default(false), 'The node’s IPC.', false),
  hostPID: field(z.boolean().default(false), 'The node’s processes.', false),
  hostPorts: field(z.array(portRange).default([]), 'Ports of the node.', [{ min: 7472, max: 7472 }]),
  runAsUser: field(user.default({ rule: 'MustRunAsNonRoot', ranges: [] }), 'Users.', {
    rule: 'MustRunAsNonRoot',
  }),
  runAsGroup: field(ids.default({ rule: 'RunAsAny', ranges: [] }), 'Groups.', { rule: 'RunAsAny' }),
  supplementalGroups: field(
    ids.default({ rule: 'MayRunAs', ranges: [{ min: 1, max: 65_535 }] }),
    'Supplemental groups.',
    { rule: 'MayRunAs', ranges: [{ min: 1, max: 65_535 }] },
  ),
  fsGroup: field(ids.default({ rule: 'MayRunAs', ranges: [{ min: 1, max: 65_535 }] }), 'Group of volumes.', {
    rule: 'MayRunAs',
    ranges: [{ min: 1, max: 65_535 }],
  }),
  seccomp: field(
    z.array(seccompText).default(['RuntimeDefault']),
    'Seccomp profiles: RuntimeDefault, Localhost, Localhost/FILE, Unconfined; Unset: none may be said; `*` is all of them.',
    ['RuntimeDefault'],
  ),
  appArmor: field(
    z.array(appArmorText).default(['RuntimeDefault']),
    'AppArmor profiles that a pod may name: RuntimeDefault, Localhost, Localhost/NAME, Unconfined; `*` is all of them.',
    ['RuntimeDefault'],
  ),
  seLinux: field(seLinux.default({ rule: 'MustBeUnset' }), 'SELinux options.', { rule: 'MustBeUnset' }),
  allowedProcMountTypes: field(
    z.array(procMountText).default(['Default']),
    'How /proc may be mounted: Default, Unmasked; `*` is both.',
    ['Default'],
  ),
  allowedUnsafeSysctls: field(
    z.array(z.string()).default([]),
    'Kernel settings besides the safe ones; `*` at the end stands for any ending.',
    ['net.core.somaxconn'],
  ),
  forbiddenSysctls: field(
    z.array(z.string()).default([]),
    'Kernel settings that are refused, safe ones too; `*` at the end stands for any ending.',
    ['kernel.shm_rmid_forced'],
  ),
  runtimeClasses: field(
    z.array(z.string()).default([]),
    'Runtime classes that a pod may name; `*` is every one.',
    ['gvisor'],
  ),
  probeHosts: field(
    z.boolean().default(false),
    'Probes and lifecycle hooks may call another host than the pod.',
    false,
  ),
  readOnlyRootFilesystem: field(z.boolean().default(true), 'The root filesystem must be read-only.', true),
  images: field(images.exactOptional(), 'Where images may come from.', {
    registries: ['registry.example.com/'],
    digest: 'required',
  }),
  fill: field(
    z.array(fillable).default([]),
    'Fields set where absent, at compile time, and in Pods that others make by clusters of 1.36 and later: seccomp to the first profile of the list, ids to the first of the ranges.',
    ['seccomp', 'runAsNonRoot'],
  ),
  waivable: field(waivable.exactOptional(), 'What a Waiver may ask for.', {
    rules: ['TRY-SEC-012'],
    atMost: '90d',
  }),
});

export type ProfileSpec = z.infer<typeof profileSpec>;
