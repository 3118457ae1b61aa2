import { isObject, listAt, numberAt, objectAt, stringAt } from '../../lib/index.ts';
import type { Control, Refusal } from './control.ts';
import { saidBy, type Pod } from './pod.ts';
import { containersNamed, plural, quoted, settersNamed, sortedOnce } from './words.ts';

const namespaces = ['hostNetwork', 'hostPID', 'hostIPC'] as const;

function hostNamespaces(pod: Pod): Refusal | undefined {
  const shared = namespaces.filter((field) => pod.spec[field] === true);
  if (shared.length === 0) return undefined;
  return { reason: 'host namespaces', detail: shared.map((field) => `${field}=true`).join(', ') };
}

function hostPorts(pod: Pod): Refusal | undefined {
  const found = saidBy(pod, ({ own }) =>
    listAt(own, 'ports')
      .map((port) => numberAt(port, 'hostPort') ?? 0)
      .filter((port) => port !== 0)
      .map(String),
  );
  if (found === undefined) return undefined;
  const uses = plural(found.names.length, 'uses', 'use');
  const ports = `${plural(found.values.length, 'hostPort')} ${found.values.join(', ')}`;
  return { reason: 'hostPort', detail: `${containersNamed(found.names)} ${uses} ${ports}` };
}

const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;
const hooks = ['postStart', 'preStop'] as const;
const calls = ['httpGet', 'tcpSocket'] as const;

function probeHosts(pod: Pod): Refusal | undefined {
  const found = saidBy(pod, ({ own }) => {
    const actions = [
      ...probes.map((probe) => own[probe]),
      ...hooks.map((hook) => objectAt(own, 'lifecycle')[hook]),
    ];
    return actions
      .filter(isObject)
      .flatMap((action) => calls.map((call) => stringAt(action, call, 'host') ?? ''))
      .filter((host) => host !== '');
  });
  if (found === undefined) return undefined;
  const uses = plural(found.names.length, 'uses', 'use');
  const hosts = `probe or lifecycle ${plural(found.values.length, 'host')} ${quoted(found.values)}`;
  // The one control whose containers the API server sorts.
  const names = containersNamed(sortedOnce(found.names));
  return { reason: 'probe or lifecycle host', detail: `${names} ${uses} ${hosts}` };
}

const isHostProcess = (context: unknown): boolean =>
  objectAt(context, 'windowsOptions')['hostProcess'] === true;

function hostProcess(pod: Pod): Refusal | undefined {
  const isPod = isHostProcess(pod.securityContext);
  const names = pod.containers.filter((one) => isHostProcess(one.securityContext)).map((one) => one.name);
  if (!isPod && names.length === 0) return undefined;
  const detail = `${settersNamed(isPod, names)} must not set securityContext.windowsOptions.hostProcess=true`;
  return { reason: 'hostProcess', detail };
}

/** What keeps a pod apart from its node: namespaces, ports, addresses that the kubelet calls, Windows host processes. */
export const hostControls: readonly Control[] = [
  { id: 'hostNamespaces', level: 'baseline', eras: [{ since: 0, refuse: hostNamespaces }] },
  { id: 'hostPorts', level: 'baseline', eras: [{ since: 0, refuse: hostPorts }] },
  { id: 'hostProbesAndHostLifecycle', level: 'baseline', eras: [{ since: 34, refuse: probeHosts }] },
  { id: 'windowsHostProcess', level: 'baseline', eras: [{ since: 0, refuse: hostProcess }] },
];
