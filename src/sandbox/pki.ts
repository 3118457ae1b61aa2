import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { Authority, serviceAccountKeys, type Identity, type KeyPair } from './certificates.ts';
import { textOf, writeWhole, type ClusterFolder } from './folder.ts';

/** Paths of a certificate and its key. */
export interface PairFiles {
  readonly certificate: string;
  readonly key: string;
}

/** Who has a client certificate, and as whom the API server knows them. */
const clients: Readonly<Record<string, Identity>> = {
  admin: { commonName: 'toryo:sandbox:admin', organization: 'system:masters' },
  'stand-ins': { commonName: 'toryo:sandbox:stand-ins', organization: 'system:masters' },
  'controller-manager': { commonName: 'system:kube-controller-manager' },
  scheduler: { commonName: 'system:kube-scheduler' },
  kwok: { commonName: 'toryo:sandbox:kwok', organization: 'system:masters' },
};

/** The name in the certificate by which the API server calls aggregated APIs. */
export const frontProxy = 'front-proxy-client';

/** Where that certificate is. */
export function pairFiles(folder: ClusterFolder, name: string): PairFiles {
  return { certificate: join(folder.pki, `${name}.crt`), key: join(folder.pki, `${name}.key`) };
}

/** Makes every key and certificate of the cluster that is not there yet. */
export async function makePki(folder: ClusterFolder, cluster: string): Promise<void> {
  const done = join(folder.pki, 'complete');
  if (await isThere(done)) return;
  const [ca, front] = await Promise.all([
    Authority.create(`toryo sandbox ${cluster}`),
    Authority.create(`toryo sandbox ${cluster} front proxy`),
  ]);
  const identities: readonly (readonly [string, Authority, Identity])[] = [
    ['apiserver', ca, { commonName: 'kube-apiserver', serves: serverNames }],
    ['front-proxy-client', front, { commonName: frontProxy }],
    ...Object.entries(clients).map(([name, identity]) => [name, ca, identity] as const),
  ];
  await write(folder, 'ca', ca.pair);
  await write(folder, 'front-proxy-ca', front.pair);
  for (const [name, authority, identity] of identities)
    await write(folder, name, await authority.issue(identity));
  const accounts = await serviceAccountKeys();
  await write(folder, 'service-accounts', { certificate: accounts.publicKey, key: accounts.key });
  await writeWhole(done, '');
}

const serverNames = [
  '127.0.0.1',
  '10.96.0.1',
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];

/** Reads a stored pair. */
export async function pairOf(folder: ClusterFolder, name: string): Promise<KeyPair> {
  const files = pairFiles(folder, name);
  const [certificate, key] = await Promise.all([textOf(files.certificate), textOf(files.key)]);
  if (certificate === undefined || key === undefined) throw new Error(`${files.certificate} is missing`);
  return { certificate, key };
}

/** Writes a kubeconfig with the client certificate of that name embedded. */
export async function writeKubeconfig(
  folder: ClusterFolder,
  client: string,
  at: { readonly server: string; readonly cluster: string; readonly path: string },
): Promise<void> {
  const pair = await pairOf(folder, client);
  const ca = await pairOf(folder, 'ca');
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const context = `toryo-sandbox-${at.cluster}`;
  const lines = [
    'apiVersion: v1',
    'kind: Config',
    'clusters:',
    `- name: ${context}`,
    '  cluster:',
    `    server: ${at.server}`,
    `    certificate-authority-data: ${base64(ca.certificate)}`,
    'users:',
    `- name: ${context}-${client}`,
    '  user:',
    `    client-certificate-data: ${base64(pair.certificate)}`,
    `    client-key-data: ${base64(pair.key)}`,
    'contexts:',
    `- name: ${context}`,
    '  context:',
    `    cluster: ${context}`,
    `    user: ${context}-${client}`,
    `current-context: ${context}`,
    '',
  ];
  await writeWhole(at.path, lines.join('\n'));
}

async function write(folder: ClusterFolder, name: string, pair: KeyPair): Promise<void> {
  const files = pairFiles(folder, name);
  await writeWhole(files.key, `${pair.key}\n`);
  await writeWhole(files.certificate, `${pair.certificate}\n`);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
