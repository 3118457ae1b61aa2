import type { PodGroup } from './network.ts';
import { connectionsOn, unionOf, type Connections } from './ports.ts';

/** What the network set `internet` means: everything but private, shared (RFC 6598) and link-local addresses, the metadata addresses among them. */
export const internetBlocks = [
  {
    cidr: '0.0.0.0/0',
    except: [
      '10.0.0.0/8',
      '100.64.0.0/10',
      '127.0.0.0/8',
      '169.254.0.0/16',
      '172.16.0.0/12',
      '192.168.0.0/16',
    ],
  },
  { cidr: '::/0', except: ['::1/128', 'fc00::/7', 'fe80::/10'] },
] as const;

/** Where the node-local DNS cache listens. */
export const nodeLocalDns = '169.254.20.10/32';

/** Where the EKS Pod Identity agent listens, on port 80. */
export const podIdentity = '169.254.170.23/32';

/** Where a node learns its own credentials: whoever reaches it may have the node's rights. */
export const nodeMetadata = ['169.254.169.254/32', 'fd00:ec2::254/128'] as const;

/** Namespace and labels of the cluster's DNS. */
export const clusterDns = { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } } as const;

/** The ports of DNS. */
export const dnsConnections: Connections = unionOf(
  (['UDP', 'TCP'] as const).map((protocol) => connectionsOn(protocol, { from: 53, to: 53 })),
);

/** The cluster's DNS where no object of ours makes it: as kubeadm and EKS install it. */
export const dnsPods: PodGroup = {
  is: 'pods',
  title: 'Deployment/kube-system/coredns',
  namespace: clusterDns.namespace,
  labels: { known: clusterDns.labels, isComplete: true },
  ports: [
    { name: 'dns', port: 53, protocol: 'UDP' },
    { name: 'dns-tcp', port: 53, protocol: 'TCP' },
    { name: 'metrics', port: 9153, protocol: 'TCP' },
  ],
  isOnNode: false,
};
