/**
 * How fast objects are applied: a bare loop of 16 undici requests, and this client, by turns on one sandbox server.
 * Run: `node test/contract/kube/rate.ts [objects] [rounds]`. Prints objects per second and this process' CPU time.
 */
import { Pool } from 'undici';
import { refOf, type KubeObject } from '../../../src/objects/index.ts';
import { object, TestServer, uidOf } from './server.ts';

const total = Number(process.argv[2] ?? 1200);
const rounds = Number(process.argv[3] ?? 5);

function mixed(index: number): KubeObject {
  const name = `rate-${index}`;
  const labels = { app: name };
  const container = { name: 'c', image: 'i', resources: { requests: { cpu: '100m' } } };
  const pod = { metadata: { labels }, spec: { containers: [container] } };
  const kinds = [
    { ...object('v1', 'ConfigMap', name, 'test'), data: { text: 'x'.repeat(500) } },
    {
      ...object('apps/v1', 'Deployment', name, 'test'),
      spec: { replicas: 0, selector: { matchLabels: labels }, template: pod },
    },
    {
      ...object('v1', 'Service', name, 'test'),
      spec: { clusterIP: 'None', selector: labels, ports: [{ port: 80 }] },
    },
    {
      ...object('rbac.authorization.k8s.io/v1', 'Role', name, 'test'),
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
    },
  ];
  return kinds[index % kinds.length] ?? object('v1', 'ConfigMap', name, 'test');
}

const plurals: Readonly<Record<string, string>> = {
  ConfigMap: 'configmaps',
  Deployment: 'deployments',
  Service: 'services',
  Role: 'roles',
};

async function bare(server: TestServer, objects: readonly KubeObject[]): Promise<void> {
  const { ca = '', certificate = '', key = '', server: origin } = server.access;
  const pool = new Pool(origin, { connections: 16, allowH2: false, connect: { ca, cert: certificate, key } });
  const headers = { accept: 'application/json', 'content-type': 'application/apply-patch+yaml' };
  const query = 'fieldManager=rate&fieldValidation=Strict';
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let each = objects[next++]; each !== undefined; each = objects[next++]) {
      const root = each.apiVersion.includes('/') ? `/apis/${each.apiVersion}` : `/api/${each.apiVersion}`;
      const path = `${root}/namespaces/test/${plurals[each.kind]}/${each.metadata.name}?${query}`;
      const { statusCode, body } = await pool.request({
        path,
        method: 'PATCH',
        headers,
        body: JSON.stringify(each),
      });
      JSON.parse(await body.text());
      if (statusCode >= 300) throw new Error(`HTTP ${statusCode}`);
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  await pool.close();
}

async function ours(server: TestServer, objects: readonly KubeObject[]): Promise<void> {
  const client = server.open(server.access);
  await Promise.all(objects.map((each) => client.apply(each, { fieldManager: 'rate' })));
  await client.close();
}

async function timed(name: string, work: () => Promise<void>): Promise<void> {
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const line = `${name}: ${Math.round(total / seconds)} objects/s, ${Math.round((user + system) / 1000)} ms CPU\n`;
  process.stdout.write(line);
}

async function clear(server: TestServer, objects: readonly KubeObject[]): Promise<void> {
  await Promise.all(
    objects.map(async (each) => {
      const found = await server.client.get(refOf(each));
      if (found !== undefined) await server.client.remove(refOf(each), { uid: uidOf(found) });
    }),
  );
}

const server = await TestServer.start();
try {
  const objects = Array.from({ length: total }, (_, index) => mixed(index));
  for (let round = 0; round < rounds; round += 1) {
    await timed('bare loop', () => bare(server, objects));
    await clear(server, objects);
    await timed('src/kube ', () => ours(server, objects));
    await clear(server, objects);
  }
} finally {
  await server.stop();
}
