import { z } from 'zod';
import { durationText, field, isRange } from './field.ts';

const range = z
  .strictObject({
    min: field(z.number().int().min(0), 'Smallest value.', 1),
    max: field(z.number().int().min(0), 'Largest value.', 65_535),
  })
  .refine(isRange, { error: 'min-max' });

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

const images = z.strictObject({
  registries: field(z.array(z.string()).min(1).exactOptional(), 'Prefixes that images must have.', [
    'registry.example.com/',
  ]),
  digest: field(
    z.enum(['required', 'optional']).default('optional'),
    'Whether images must be named by digest.',
    'required',
  ),
});

const waivable = z.strictObject({
  rules: field(z.array(z.string()), 'Rules that a Waiver may ask to leave out.', ['TRY-SEC-012']),
  atMost: field(durationText, 'Longest time of a Waiver.', '90d'),
});

const fillable = z.enum(['seccomp', 'runAsNonRoot', 'allowPrivilegeEscalation', 'dropCapabilities']);

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
    'Capabilities that containers must drop.',
    ['ALL'],
  ),
  allowedCapabilities: field(z.array(z.string()).default([]), 'Capabilities that containers may add.', [
    'NET_BIND_SERVICE',
  ]),
  volumes: field(
    z
      .array(z.string())
      .default(['configMap', 'emptyDir', 'projected', 'secret', 'downwardAPI', 'persistentVolumeClaim']),
    'Kinds of volumes.',
    ['configMap', 'secret'],
  ),
  allowedHostPaths: field(z.array(z.string()).default([]), 'Host paths, with volume kind hostPath.', [
    '/var/log',
  ]),
  hostNetwork: field(z.boolean().default(false), 'The node’s network.', false),
  hostIPC: field(z.boolean().default(false), 'The node’s IPC.', false),
  hostPID: field(z.boolean().default(false), 'The node’s processes.', false),
  hostPorts: field(z.array(range).default([]), 'Ports of the node.', [{ min: 7472, max: 7472 }]),
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
  seccomp: field(z.array(z.string()).default(['RuntimeDefault']), 'Seccomp profiles.', ['RuntimeDefault']),
  readOnlyRootFilesystem: field(z.boolean().default(true), 'The root filesystem must be read-only.', true),
  images: field(images.exactOptional(), 'Where images may come from.', {
    registries: ['registry.example.com/'],
    digest: 'required',
  }),
  fill: field(z.array(fillable).default([]), 'Fields set where absent, at compile time.', [
    'seccomp',
    'runAsNonRoot',
  ]),
  waivable: field(waivable.exactOptional(), 'What a Waiver may ask for.', {
    rules: ['TRY-SEC-012'],
    atMost: '90d',
  }),
});

export type ProfileSpec = z.infer<typeof profileSpec>;
