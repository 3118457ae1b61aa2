import { expect, it } from 'vitest';
import { known, unknown } from '../lib/index.ts';
import { decideWaves, Standings, type WaveOrder } from '../deliver/index.ts';
import type { Bundle } from '../compile/index.ts';
import type { ClusterConsent, Inventory, LiveApprovers, WaveRecord } from '../world/index.ts';
import type { Built } from './looking.ts';
import { approvalHolds } from './unapproved.ts';
import type { Records } from './records.ts';

const eve: LiveApprovers = { environment: 'prod', keys: ['ssh-ed25519 AAAA eve@example.com'], atLeast: 1 };
const web = 'App/shop/web';
const bundles = ['p1', 'p2'].map((cluster) => ({
  cluster,
  owners: new Map([[web, 'new']]),
})) as unknown as readonly Bundle[];
const cluster = (name: string) => [name, { name, environment: 'prod' }] as const;
const built = {
  fleet: {
    environments: [{ name: 'prod', protected: true }],
    approverKeys: new Map(),
    clusters: new Map([cluster('p1'), cluster('p2')]),
  },
  bundles,
} as unknown as Built;
const says = (approvers?: LiveApprovers) =>
  known<ClusterConsent>({ approvers, used: { plan: '', ids: new Map() } });
const before: WaveRecord = {
  digest: 'old',
  phase: 'healthy',
  since: '2026-01-01T00:00:00Z',
  revision: '',
  plan: '',
};

function records(record: WaveRecord, consents: Records['consents']): Records {
  const standings = new Standings(bundles);
  const inventory: Inventory = {
    owner: { tenant: 'shop', app: 'web' },
    name: '',
    digest: '',
    items: [],
    record,
  };
  for (const bundle of bundles) standings.see(bundle, new Set([web]), new Map([[web, inventory]]));
  return { standings, silent: new Map(), consents };
}

it('a wave is held, and says who may approve, where the cluster or one of its environment names approvers', async () => {
  const seen = records(
    before,
    new Map([
      ['p1', says(eve)],
      ['p2', says()],
    ]),
  );
  const holds = await approvalHolds(built, bundles, seen);
  const wave: WaveOrder = {
    name: 'all',
    clusters: ['p1', 'p2'],
    atOnce: undefined,
    stopAfterFailures: 1,
    soak: 0,
    hasGates: false,
  };
  const { judgements } = decideWaves({
    at: '2026-01-02T00:00:00Z',
    waves: [wave],
    standings: seen.standings.all,
    needs: new Map(),
    silent: new Map(),
    holds,
    busy: new Set(),
  });
  expect(judgements.map(({ state, why }) => [state, why])).toEqual(
    ['p1', 'p2'].map(() => [
      'held',
      'changes in environment prod need an approval, by 1 of a key that cannot be used (nobody who wrote them): `toryo plan --out plan.json`, `toryo approve plan.json`, `toryo apply plan.json`',
    ]),
  );
});

it.each<[string, WaveRecord, ReadonlyMap<string, ReturnType<typeof says>>]>([
  ['nobody must agree yet', before, new Map([['p1', says()]])],
  ['it has begun to move', { ...before, digest: 'new', phase: 'moving' }, new Map([['p1', says(eve)]])],
])('nothing is held where %s', async (_what, record, consents) => {
  expect(await approvalHolds(built, bundles, records(record, consents))).toEqual(new Map());
});

it('a cluster that cannot be asked who may approve is held, and says so', async () => {
  const seen = records(before, new Map([['p1', unknown('forbidden')]]));
  const holds = await approvalHolds(built, bundles, seen);
  expect(holds.get('p1')?.why).toBe('who may approve cannot be read from cluster p1: forbidden');
});
