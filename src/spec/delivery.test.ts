import { afterAll, describe, expect, it } from 'vitest';
import { gateOn } from './index.ts';
import { aFleet, clusterText, fleetText, removeFleets } from './testing/fleet.ts';
import { describeMistakes, type MistakeCase } from './testing/mistake-table.ts';

afterAll(removeFleets);

const all = '[{ name: a, select: all }]';
const keyOf = (type: string, ...lengths: readonly number[]): string => {
  const fields = [Buffer.from(type), ...lengths.map((length) => Buffer.alloc(length, 7))];
  const sized = fields.flatMap((field) => [Buffer.from([0, 0, 0, field.length]), field]);
  return `${type} ${Buffer.concat(sized).toString('base64')}`;
};
const key = keyOf('ssh-ed25519', 32);
const other = keyOf('ecdsa-sha2-nistp256', 8, 65);
const job = (more = 'namespace: shop-web'): string =>
  `apiVersion: batch/v1\nkind: Job\nmetadata: { name: smoke, ${more} }\nspec: {}\n`;
const withGate = (gate: string): string => fleetText(`[{ name: a, select: all, gates: [${gate}] }]`);
const withApprovers = (approvers: string): string =>
  fleetText(all).replace('{ name: production }', `{ name: production, approvers: { ${approvers} } }`);

describe('the calendar, approvers and gates of a Fleet', () => {
  it('name their clusters', async () => {
    const fleet = await aFleet()
      .with(
        'fleet.yaml',
        fleetText(
          '[{ name: a, select: all, soak: 10m }]',
          '  freezes: [{ name: year-end, from: 2026-12-28, to: 2027-01-04, timezone: Asia/Tokyo, select: { environment: production } }]\n' +
            '  windows: [{ days: [mon], from: "22:00", to: "04:00" }]\n  prune: { atMost: 10% }\n',
        ),
      )
      .fleet();
    expect(fleet.freezes).toEqual([
      {
        name: 'year-end',
        from: '2026-12-28',
        to: '2027-01-04',
        timezone: 'Asia/Tokyo',
        clusters: ['tokyo'],
      },
    ]);
    expect(fleet.windows).toEqual([
      { days: ['mon'], from: '22:00', to: '04:00', timezone: 'UTC', clusters: ['lab', 'tokyo'] },
    ]);
    expect(fleet.waves).toMatchObject([{ soak: 600_000, gates: [] }]);
    expect(fleet.prune).toEqual({ atMost: '10%' });
  });

  it('have each key of the approvers once', async () => {
    const fleet = await aFleet()
      .with('fleet.yaml', withApprovers('keys: [keys/a.pub, keys/b.pub, keys/c.pub], atLeast: 2'))
      .with('keys/a.pub', `# the platform team\n${key} ann@laptop\r\n\n`)
      .with('keys/b.pub', `${key} ann@desk\n`)
      .with('keys/c.pub', `${other}\n`)
      .fleet();
    expect([...fleet.approverKeys]).toEqual([
      ['production', { keys: [`${key} ann@desk`, other], atLeast: 2 }],
    ]);
  });

  it('fill the variables of a gate for each cluster', async () => {
    const fleet = await aFleet()
      .with(
        'clusters/lab.yaml',
        clusterText('environment: staging, provider: sandbox, vars: { domain: lab.example.com }'),
      )
      .without('clusters/tokyo.yaml')
      .with(
        'fleet.yaml',
        withGate(
          '{ name: errors, every: 5s, timeout: 1m, prometheus: { url: "http://p.${vars.domain}", query: "up{c=\\"${cluster.name}\\",e=\\"${environment}\\"}", is: ">= 1" } }',
        ),
      )
      .fleet();
    const [gate] = fleet.waves[0]?.gates ?? [];
    expect(gateOn(gate!, fleet.clusters.get('lab')!)).toEqual({
      name: 'errors',
      ask: 'each-cluster',
      every: 5000,
      timeout: 60_000,
      question: {
        kind: 'prometheus',
        url: 'http://p.lab.example.com',
        query: 'up{c="lab",e="staging"}',
        is: '>= 1',
        bearer: undefined,
      },
    });
  });

  it('read the manifest of a gate’s Job, which is then no stray document', async () => {
    const { value, diagnostics } = await aFleet()
      .with('fleet.yaml', withGate('{ name: smoke, job: gates/smoke.yaml, ask: once }'))
      .with('gates/smoke.yaml', job())
      .load();
    expect(value?.waves[0]?.gates).toMatchObject([
      { ask: 'once', every: 30_000, timeout: 600_000, question: { file: 'gates/smoke.yaml' } },
    ]);
    expect(diagnostics.map((one) => one.code)).not.toContain('TRY-SPEC-032');
  });
});

const keyHint =
  'One SSH public key per file, as in id_ed25519.pub; paths are counted from the repository’s root.';
const gateHint = 'See docs/guides/waves.md.';
const zoneHint = 'Use a name of the IANA database such as Asia/Tokyo or UTC.';

const cases: readonly MistakeCase[] = [
  {
    name: 'time zones that are none',
    fleet: () =>
      aFleet().with(
        'fleet.yaml',
        fleetText(
          all,
          '  freezes: [{ name: f, from: 2026-12-28, to: 2027-01-04, timezone: Asia/Tokio }]\n  windows: [{ days: [mon], from: "10:00", to: "16:00", timezone: "+09:00" }]\n',
        ),
      ),
    says: [
      'TRY-SPEC-044 fleet.yaml:6:68 there is no time zone "Asia/Tokio", did you mean "Asia/Tokyo"?',
      'TRY-SPEC-044 fleet.yaml:7:66 there is no time zone "+09:00"',
    ],
    hints: [zoneHint],
  },
  {
    name: 'days that are none, and a freeze that ends before it begins',
    fleet: () =>
      aFleet().with(
        'fleet.yaml',
        fleetText(
          all,
          '  freezes:\n    - { name: a, from: 2026-02-30, to: 2026-03-01 }\n    - { name: b, from: 2026-12-28T10:00Z, to: 2027-01-04 }\n    - { name: c, from: 2027-01-04, to: 2027-01-04 }\n',
        ),
      ),
    says: [
      'TRY-SPEC-007 fleet.yaml:7:24 "2026-02-30" is not a day such as 2026-12-28',
      'TRY-SPEC-007 fleet.yaml:8:24 "2026-12-28T10:00Z" is not a day such as 2026-12-28',
      'TRY-SPEC-009 fleet.yaml:9:40 to is not after from',
    ],
    hints: ['Correct the value.'],
  },
  {
    name: 'a window with days and times that are none',
    fleet: () =>
      aFleet().with('fleet.yaml', fleetText(all, '  windows: [{ days: [moo], from: 10:00, to: "24:00" }]\n')),
    says: [
      'TRY-SPEC-005 fleet.yaml:6:22 "moo" is not one of mon, tue, wed, thu, fri, sat, sun, did you mean "mon"?',
      'TRY-SPEC-007 fleet.yaml:6:45 "24:00" is not a time of day such as "10:00"',
    ],
    hints: ['Use one of the values.', 'Correct the value.'],
  },
  {
    name: 'keys that are missing, elsewhere, private or no keys',
    fleet: () =>
      aFleet()
        .with(
          'fleet.yaml',
          withApprovers(
            'keys: [keys/a.pub, ../b.pub, keys/c, keys/d.pub, keys/e.pub, keys/f.pub, keys], atLeast: 9',
          ),
        )
        .with('keys/c', '-----BEGIN OPENSSH PRIVATE KEY-----\nx\n')
        .with('keys/d.pub', `${key}\n${other}\n`)
        .with('keys/e.pub', '# nobody yet\n')
        .with('keys/f.pub', 'ssh-dss AAAA\n'),
    says: [
      'TRY-SPEC-045 fleet.yaml:4:77 there is no file keys/a.pub',
      'TRY-SPEC-045 fleet.yaml:4:89 ../b.pub leads out of the repository',
      'TRY-SPEC-045 fleet.yaml:4:99 keys/c: it is a private key: name the .pub file beside it',
      'TRY-SPEC-045 fleet.yaml:4:107 keys/d.pub: it holds more than one key: give each key a file of its own',
      'TRY-SPEC-045 fleet.yaml:4:119 keys/e.pub: it is empty',
      'TRY-SPEC-045 fleet.yaml:4:131 keys/f.pub: it is of type ssh-dss: take an ed25519, ecdsa, sk- or rsa key of at least 2048 bits',
      'TRY-SPEC-045 fleet.yaml:4:143 there is no file keys',
    ],
    hints: [keyHint],
  },
  {
    name: 'more approvals than keys, of which two are one',
    fleet: () =>
      aFleet()
        .with('fleet.yaml', withApprovers('keys: [a.pub, b.pub], atLeast: 2'))
        .with('a.pub', `${key} a\n`)
        .with('b.pub', `${key} b\n`),
    says: ['TRY-SPEC-045 fleet.yaml:4:101 2 of the approvers of production must approve, and there is 1 key'],
    hints: [keyHint],
  },
  {
    name: 'a protected environment without approvers',
    fleet: () =>
      aFleet().with('fleet.yaml', withApprovers('').replace(/approvers: \{[^}]*\}/, 'protected: true')),
    says: [
      'TRY-SPEC-045 fleet.yaml:4:68 production is protected, and nobody may approve a change there: name `approvers`',
    ],
    hints: [keyHint],
  },
  {
    name: 'gates that ask nothing, or two things',
    fleet: () =>
      aFleet().with(
        'fleet.yaml',
        withGate('{ name: x }, { name: w, job: j.yaml, http: { url: "https://a.example.com" } }'),
      ),
    says: [
      'TRY-SPEC-008 fleet.yaml:5:43 exactly one of prometheus, http, job is needed',
      'TRY-SPEC-008 fleet.yaml:5:56 exactly one of prometheus, http, job is needed',
    ],
    hints: ['Keep the one that is meant.'],
  },
  {
    name: 'gates whose values are wrong',
    fleet: () =>
      aFleet().with(
        'fleet.yaml',
        withGate(
          '{ name: x, prometheus: { url: "ftp://p", query: "", is: under 1 }, every: 5 }, { name: w, htpp: { url: "https://u:p@h" } }, { name: z, http: { url: "https://u:p@h", status: 42, bearer: "a b" } }',
        ),
      ),
    says: [
      'TRY-SPEC-007 fleet.yaml:5:73 "ftp://p" is not an address such as https://shop.example.com/healthz, without a name or password in it',
      'TRY-SPEC-009 fleet.yaml:5:91 at least 1 character wanted',
      'TRY-SPEC-007 fleet.yaml:5:99 "under 1" is not a comparison such as "< 0.01"',
      'TRY-SPEC-003 fleet.yaml:5:117 5 is read as the number 5, not as text; quote it: "5"',
      'TRY-SPEC-001 fleet.yaml:5:133 unknown key "htpp", did you mean "http"?',
      'TRY-SPEC-007 fleet.yaml:5:191 "https://u:p@h" is not an address such as https://shop.example.com/healthz, without a name or password in it',
      'TRY-SPEC-009 fleet.yaml:5:216 at least 100 wanted',
      'TRY-SPEC-007 fleet.yaml:5:228 "a b" is not the name of a variable of the environment such as PROMETHEUS_TOKEN',
    ],
    hints: [
      'Correct the value.',
      'Versions, labels, times and words such as yes and on are text only in quotes.',
      'See `toryo explain` for the fields of a kind.',
    ],
  },
  {
    name: 'variables of gates that a cluster does not have, or that mean no one cluster',
    fleet: () =>
      aFleet().with(
        'fleet.yaml',
        withGate(
          '{ name: x, http: { url: "https://${vars.domian}" } }, { name: w, ask: once, http: { url: "https://${cluster.name}" } }, { name: z, http: { url: "https://h:99999" } }',
        ),
      ),
    says: [
      'TRY-SPEC-016 fleet.yaml:5:67 ${vars.domian} is not known here',
      'TRY-SPEC-046 fleet.yaml:5:132 gate w: it is asked once for the wave, and a variable is one cluster’s',
      'TRY-SPEC-046 fleet.yaml:5:187 gate z: https://h:99999 is no address',
    ],
    hints: ['Known: ${cluster.name}, ${environment}, ${region}, ${account}, ${vars.NAME}.', gateHint],
  },
  {
    name: 'Jobs of gates that cannot be run',
    fleet: () =>
      aFleet()
        .with(
          'fleet.yaml',
          withGate(
            '{ name: a, job: none.yaml }, { name: b, job: apps/shop/web/manifests/web.yaml }, { name: c, job: gates/c.yaml }, { name: d, job: gates/d.yaml }',
          ),
        )
        .with('gates/c.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\n')
        .with('gates/d.yaml', job('labels: {}')),
    says: [
      'TRY-SPEC-046 fleet.yaml:5:59 gate a: there is no file none.yaml',
      "TRY-SPEC-046 fleet.yaml:5:88 gate b: apps/shop/web/manifests/web.yaml stands in a path of tenant shop, and a gate's Job has the platform's rights",
      'TRY-SPEC-046 fleet.yaml:5:140 gate c: gates/c.yaml is not one Job of batch/v1 with a name',
      'TRY-SPEC-046 fleet.yaml:5:172 gate d: the Job in gates/d.yaml names no namespace to run in',
    ],
    hints: [gateHint],
  },
];

describeMistakes('calendars, approvers and gates that cannot be meant', cases);
