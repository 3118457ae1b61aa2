import { z } from 'zod';
import { isArray, isObject, objectAt, stringsAt, type Origin } from '../../lib/index.ts';

const range = z.object({ min: z.number().int().min(0), max: z.number().int().min(0) });
const names = z.array(z.string()).default([]);

const ids = range.refine(({ min, max }) => min <= max, 'min is larger than max');

// The API server looked at no range of ports: one may be empty, or go on beyond the last port.
const ports = z
  .array(range)
  .default([])
  .transform((ranges) =>
    ranges.map(({ min, max }) => ({ min, max: Math.min(max, 65_535) })).filter(({ min, max }) => min <= max),
  );

const groups = z.object({
  rule: z.enum(['MustRunAs', 'MayRunAs', 'RunAsAny']).default('RunAsAny'),
  ranges: z.array(ids).default([]),
});

const users = z.object({
  rule: z.enum(['MustRunAs', 'MustRunAsNonRoot', 'RunAsAny']).default('RunAsAny'),
  ranges: z.array(ids).default([]),
});

const options = z.object({
  level: z.string().default(''),
  role: z.string().default(''),
  type: z.string().default(''),
  user: z.string().default(''),
});

const any = { rule: 'RunAsAny', ranges: [] } as const;

/** The spec of a PodSecurityPolicy as Kubernetes 1.24 reads it, its defaults filled. */
export const policySpec = z.object({
  privileged: z.boolean().default(false),
  allowPrivilegeEscalation: z.boolean().default(true),
  defaultAllowPrivilegeEscalation: z.boolean().exactOptional(),
  requiredDropCapabilities: names,
  defaultAddCapabilities: names,
  allowedCapabilities: names,
  volumes: names,
  allowedHostPaths: z
    .array(z.object({ pathPrefix: z.string(), readOnly: z.boolean().default(false) }))
    .default([]),
  allowedFlexVolumes: z.array(z.object({ driver: z.string() })).default([]),
  allowedCSIDrivers: z.array(z.object({ name: z.string() })).default([]),
  hostNetwork: z.boolean().default(false),
  hostIPC: z.boolean().default(false),
  hostPID: z.boolean().default(false),
  hostPorts: ports,
  runAsUser: users.default({ ...any, ranges: [] }),
  runAsGroup: groups.default({ ...any, ranges: [] }),
  supplementalGroups: groups.default({ ...any, ranges: [] }),
  fsGroup: groups.default({ ...any, ranges: [] }),
  seLinux: z
    .object({
      rule: z.enum(['MustRunAs', 'RunAsAny']).default('RunAsAny'),
      seLinuxOptions: options.exactOptional(),
    })
    .default({ rule: 'RunAsAny' }),
  readOnlyRootFilesystem: z.boolean().default(false),
  forbiddenSysctls: names,
  allowedUnsafeSysctls: names,
  allowedProcMountTypes: names,
  runtimeClass: z
    .object({ allowedRuntimeClassNames: names, defaultRuntimeClassName: z.string().exactOptional() })
    .exactOptional(),
});

/** Profiles that annotations of a PodSecurityPolicy allow, in the words of annotations: `runtime/default`. */
export interface AnnotatedProfiles {
  /** Empty: none. */
  readonly usual: string;
  /** Undefined: nothing is said. */
  readonly allowed: readonly string[] | undefined;
}

/** A PodSecurityPolicy, every default filled. */
export interface Psp extends z.infer<typeof policySpec> {
  readonly name: string;
  readonly seccomp: AnnotatedProfiles;
  readonly appArmor: AnnotatedProfiles;
  readonly from: Origin;
}

const seccompKey = 'seccomp.security.alpha.kubernetes.io/';
const appArmorKey = 'apparmor.security.beta.kubernetes.io/';

/** What the annotations of a policy say of seccomp and AppArmor; the old and new name of the runtime's seccomp profile are one. */
export function annotatedProfiles(metadata: unknown): Pick<Psp, 'seccomp' | 'appArmor'> {
  const said = stringsAt(metadata, 'annotations');
  const read = (key: string): AnnotatedProfiles => ({
    usual: said[`${key}defaultProfileName`] ?? '',
    allowed: said[`${key}allowedProfileNames`]?.split(','),
  });
  const seccomp = read(seccompKey);
  return {
    seccomp: {
      usual: runtimeName(seccomp.usual),
      allowed: seccomp.allowed && [...new Set(seccomp.allowed.map(runtimeName))],
    },
    appArmor: read(appArmorKey),
  };
}

/** `docker/default` was the first name of `runtime/default`. */
export function runtimeName(profile: string): string {
  return profile === 'docker/default' ? 'runtime/default' : profile;
}

/** The strategies that an API server asks for and that a policy leaves out: it is a patch, not a whole one. */
export function missingRules(spec: unknown): readonly string[] {
  return ['runAsUser', 'seLinux', 'supplementalGroups', 'fsGroup'].filter(
    (field) => objectAt(spec, field)['rule'] === undefined,
  );
}

/** The same JSON without fields that are null: to Kubernetes they are not there. */
export function withoutNulls(value: unknown): unknown {
  if (isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const said = Object.entries(value).filter(([, one]) => one !== null && one !== undefined);
  return Object.fromEntries(said.map(([key, one]) => [key, withoutNulls(one)]));
}
