import { expect, it } from 'vitest';
import {
  limitMessage,
  limitViolations,
  quotaViolations,
  storedPod,
  withDefaults,
} from '../../../src/guard/index.ts';
import { statusOf } from '../../../src/kube/index.ts';
import { objectAt } from '../../../src/lib/index.ts';
import { podOf } from '../../../src/objects/index.ts';
import { sandboxVersions } from '../../../src/sandbox/index.ts';
import { errorOf, object, TestServer } from '../kube/server.ts';

const hard = { 'requests.cpu': '1', 'limits.cpu': '2' };
const quota = { ...object('v1', 'ResourceQuota', 'quota', 'test'), spec: { hard } };
const range = {
  ...object('v1', 'LimitRange', 'limits', 'other'),
  spec: { limits: [{ type: 'Pod', max: { cpu: '1' } }] },
};
const container = { name: 'a', image: 'registry.example.com/web:1' };
const pod = (namespace: string, requests: string, limits: string) => ({
  ...object('v1', 'Pod', 'web', namespace),
  spec: { resources: { requests: { cpu: requests }, limits: { cpu: limits } }, containers: [container] },
});

it.each(sandboxVersions)('what a pod says as a whole counts, or is dropped: %s', async (version) => {
  const server = await TestServer.start(version);
  try {
    await server.client.create(object('v1', 'Namespace', 'other'));
    await server.client.create(object('v1', 'ServiceAccount', 'default', 'other'));
    await server.client.create(range);
    const stored = await server.client.create(quota);
    const used = { 'requests.cpu': '0', 'limits.cpu': '0' };
    await server.client.raw('PUT', '/api/v1/namespaces/test/resourcequotas/quota/status', {
      body: { ...stored, status: { hard: objectAt(stored, 'spec', 'hard'), used } },
    });
    for (const [requests, limits] of [
      ['1', '2'],
      ['500m', '3'],
    ] as const) {
      const inQuota = pod('test', requests, limits);
      const [refusal] = quotaViolations([inQuota], stored, { version }).refusals;
      expect(await answerOf(server, inQuota)).toBe(refusal?.words);
      const inRange = pod('other', requests, limits);
      const held = withDefaults(storedPod(podOf(inRange)!, { version }), [range]).pod;
      expect(await answerOf(server, inRange)).toBe(limitViolations(held, [range]).map(limitMessage)[0]);
    }
  } finally {
    await server.stop();
  }
});

/** What the API server says against a pod; undefined when it takes it. */
async function answerOf(server: TestServer, wanted: ReturnType<typeof pod>): Promise<string | undefined> {
  const answer = server.client.create(wanted, { dryRun: true });
  return await answer.then(
    () => undefined,
    async () => statusOf(await errorOf(answer))?.message.replace('pods "web" is forbidden: ', ''),
  );
}
