import { listAt, stringAt } from '../../lib/index.ts';
import type { Control, Era } from './control.ts';

/** Kernel settings that reach no further than the pod, by the version that began to let them in. */
const namespaced: readonly (readonly [since: number, names: readonly string[]])[] = [
  [
    0,
    [
      'kernel.shm_rmid_forced',
      'net.ipv4.ip_local_port_range',
      'net.ipv4.ip_unprivileged_port_start',
      'net.ipv4.ping_group_range',
      'net.ipv4.tcp_syncookies',
    ],
  ],
  [27, ['net.ipv4.ip_local_reserved_ports']],
  [
    29,
    [
      'net.ipv4.tcp_fin_timeout',
      'net.ipv4.tcp_keepalive_intvl',
      'net.ipv4.tcp_keepalive_probes',
      'net.ipv4.tcp_keepalive_time',
    ],
  ],
  [32, ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']],
  [37, ['net.ipv4.tcp_notsent_lowat', 'net.ipv4.tcp_slow_start_after_idle']],
];

/** Kernel settings that are safe in a Kubernetes version (`1.35`); undefined: in every known one. */
export function safeSysctls(version: string | undefined): readonly string[] {
  const minor = version === undefined ? 0 : Number(version.split('.')[1] ?? 0);
  return namespaced.filter(([since]) => since <= minor).flatMap(([, names]) => names);
}

function eraSince(since: number): Era {
  const allowed = new Set(namespaced.filter(([from]) => from <= since).flatMap(([, names]) => names));
  return {
    since,
    refuse: (pod) => {
      const found = listAt(pod.securityContext, 'sysctls')
        .map((one) => stringAt(one, 'name') ?? '')
        .filter((name) => !allowed.has(name));
      return found.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: found.join(', ') };
    },
  };
}

/** Which settings of the kernel a pod may change. */
export const sysctlControl: Control = {
  id: 'sysctls',
  level: 'baseline',
  eras: namespaced.map(([since]) => eraSince(since)),
};
