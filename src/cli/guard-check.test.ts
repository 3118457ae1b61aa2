import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { aFleet, clusterText, fleetText, removeFleets, tenantText } from '../spec/testing/fleet.ts';
import { check, good } from './testing/guard-check.ts';

afterAll(removeFleets);

const bad = `apiVersion: apps/v1
kind: Deployment
metadata: { name: bad }
spec:
  selector: { matchLabels: { a: b } }
  template:
    metadata: { labels: { a: b } }
    spec:
      securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }
      containers:
        - name: web
          image: web
          securityContext: { capabilities: { drop: [ALL] } }
`;

describe('toryo guard check', () => {
  it('says what is refused, where, why, and the smallest change', () => {
    const answer = check(bad, '--fleet', aFleet().write(), '-n', 'shop-web', '-');
    expect(answer.code).toBe(3);
    expect(answer.out).toContain('✗ Deployment/shop-web/bad  on lab, tokyo');
    expect(answer.out).toContain(
      'TRY-SEC-011 must set allowPrivilegeEscalation: false: container web (profile restricted)',
    );
    expect(answer.out).toContain(
      'spec.template.spec.containers[0].securityContext.allowPrivilegeEscalation is not set, wanted: false',
    );
    expect(answer.out).toContain(
      [
        '    why: SecurityProfile/restricted leaves allowPrivilegeEscalation out: false (profiles/restricted.yaml:3)',
        '         profile: restricted (tenants/shop.yaml:7)',
        '    may not be waived',
      ].join('\n'),
    );
    expect(answer.out).toContain(
      '{"op":"add","path":"/spec/template/spec/containers/0/securityContext/allowPrivilegeEscalation","value":false}',
    );
    expect(answer.err).toBe('✗ 0 allowed, 1 refused, 0 unknown\n');
  });

  it('changes a root user so that the pod is let in, and says where a change does not lead that far', () => {
    const pod = (more: string) =>
      `apiVersion: v1\nkind: Pod\nmetadata: { name: p }\nspec: { ${more}securityContext: { seccompProfile: { type: RuntimeDefault } }, containers: [{ name: a, image: a, securityContext: { runAsUser: 0, allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } } }] }\n`;
    const words = ['--fleet', aFleet().write(), '-n', 'shop-web', '-'];
    expect(check(pod(''), ...words).out).toContain(
      [
        '  smallest change (JSON patch)',
        '    {"op":"replace","path":"/spec/containers/0/securityContext/runAsUser","value":1000}',
        '    {"op":"add","path":"/spec/securityContext/runAsNonRoot","value":true}',
        '',
      ].join('\n'),
    );
    const onNode = pod('volumes: [{ name: v, hostPath: { path: / } }], ');
    const told = check(onNode, ...words).out;
    expect(told).toContain('  change (JSON patch), not the whole way\n    {"op":"replace"');
    expect(told).toContain('  mends 1 of 4; left:\n    violates PodSecurity');
    const [data] = JSON.parse(check(onNode, ...words, '-o', 'json').out);
    expect(data.patch).toHaveLength(2);
    expect(data.mends).toMatchObject({ count: 1, of: 4 });
    expect(data.mends.left).toContainEqual(expect.stringContaining('TRY-SEC-018'));
  });

  it('gives the same as data', () => {
    const answer = check(bad, '--fleet', aFleet().write(), '-n', 'shop-web', '-', '-o', 'json');
    const [first] = JSON.parse(answer.out);
    expect(first).toMatchObject({
      object: 'Deployment/shop-web/bad',
      outcome: 'refused',
      clusters: ['lab', 'tokyo'],
    });
    expect(first.violations.map((one: { rule: string }) => one.rule)).toEqual(['TRY-SEC-001', 'TRY-SEC-011']);
  });

  it('never passes what it cannot judge', () => {
    const fleet = aFleet().write();
    const answer = check(bad, '--fleet', fleet, '-n', 'elsewhere', '-');
    expect(answer.code).toBe(3);
    expect(answer.out).toContain('unknown no cluster of the fleet has namespace elsewhere');
  });

  it('names the annotation that breaks a rule, and removes it', () => {
    const pod = `apiVersion: v1
kind: Pod
metadata: { name: p, annotations: { container.apparmor.security.beta.kubernetes.io/a: unconfined } }
spec: { containers: [{ name: a, image: a }] }
`;
    const answer = check(pod, '--fleet', aFleet().write(), '-n', 'shop-web', '-');
    expect(answer.out).toContain(
      'metadata.annotations["container.apparmor.security.beta.kubernetes.io/a"] is "unconfined", wanted: not set',
    );
    expect(answer.out).toContain(
      '{"op":"remove","path":"/metadata/annotations/container.apparmor.security.beta.kubernetes.io~1a"}',
    );
  });

  it('says of a fleet how many it let in', () => {
    const answer = check('', 'examples/acme');
    expect(answer).toMatchObject({ code: 0, out: '' });
    expect(answer.err).toMatch(/^✓ \d+ allowed, 0 refused, 0 unknown\n$/);
  });

  it.each<[string, readonly string[], string]>([
    ['an App', ['App/shop/wob'], 'there is no App/shop/wob, did you mean App/shop/web?'],
    ['an App without its tenant', ['App/web'], 'there is no App/web, did you mean App/shop/web?'],
    ['an Addon', ['Addon/nope'], 'there is no Addon/nope'],
    ['a cluster', ['-c', 'nope'], 'there is no cluster nope in fleet acme'],
    ['a file of comments', ['-'], 'stdin holds no manifest'],
  ])('is not green when it looked at nothing: %s', (_about, words, wanted) => {
    const answer = check('# nothing\n', '--fleet', aFleet().write(), ...words);
    expect(answer.code).toBe(2);
    expect(answer.err).toContain(wanted);
  });

  it.each<[string, string, string]>([
    ['no spec', 'spec: null', 'spec is no object'],
    [
      'no containers',
      'spec: { template: { spec: {} } }',
      'spec.template.spec.containers is empty, and a pod needs one container',
    ],
    [
      'a text for truth',
      'spec: { template: { spec: { containers: [{ name: a, image: a, securityContext: { privileged: "true" } }] } } }',
      'spec.template.spec.containers[0].securityContext.privileged is neither true nor false',
    ],
    [
      'half a user',
      'spec: { template: { spec: { securityContext: { runAsUser: 0.5 }, containers: [{ name: a, image: a }] } } }',
      'spec.template.spec.securityContext.runAsUser is no whole number',
    ],
    [
      'two of one name',
      'spec: { template: { spec: { containers: [{ name: a, image: a }], initContainers: [{ name: a, image: a }] } } }',
      'spec.template.spec.containers[0].name is the name of another container too',
    ],
    [
      'a misspelt field',
      'spec: { template: { spec: { containers: [{ name: a, image: a, securityContext: { privilged: true } }] } } }',
      'spec.template.spec.containers[0].securityContext.privilged is no field of Deployments in Kubernetes 1.36 (did you mean privileged?)',
    ],
    [
      'a misspelt field of the Deployment itself',
      'spec: { replica: 3, template: { spec: { containers: [{ name: a, image: a }] } } }',
      'spec.replica is no field of Deployments in Kubernetes 1.36 (did you mean replicas?)',
    ],
    [
      'a container without an image',
      'spec: { template: { spec: { containers: [{ name: a }] } } }',
      'spec.template.spec.containers[0].image is missing, and a container needs one',
    ],
    [
      'a mount of nothing',
      'spec: { template: { spec: { containers: [{ name: a, image: a, volumeMounts: [{ name: data, mountPath: /a }] }] } } }',
      'spec.template.spec.containers[0].volumeMounts[0].name is the name of no volume of the pod',
    ],
    [
      'a setting of Linux for Windows',
      'spec: { template: { spec: { os: { name: windows }, hostPID: true, containers: [{ name: a, image: a }] } } }',
      'spec.template.spec.hostPID is nothing that a pod of Windows may have',
    ],
    [
      'AppArmor for nothing',
      'spec: { template: { metadata: { annotations: { container.apparmor.security.beta.kubernetes.io/b: runtime/default } }, spec: { containers: [{ name: a, image: a }] } } }',
      'spec.template.metadata.annotations["container.apparmor.security.beta.kubernetes.io/b"] is about a container that the pod does not have',
    ],
  ])('does not judge what no API server takes: %s', (_about, spec, wanted) => {
    const text = `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: bad }\n${spec}\n`;
    const answer = check(text, '--fleet', aFleet().write(), '-n', 'shop-web', '-');
    expect(answer.code).toBe(3);
    expect(answer.out).toContain(`unknown ${wanted}: the API server would not take it (stdin:4)`);
    expect(answer.out).not.toContain('JSON patch');
  });

  it('says what becomes of volumes from images where API servers leave them out', () => {
    const mounting = good.replace(
      'containers:',
      'volumes: [{ name: v, image: { reference: a } }], containers:',
    );
    const on = (version: string) => {
      const cluster = clusterText(`environment: staging, provider: sandbox, version: "${version}"`);
      const profile =
        'kind: SecurityProfile\nmetadata: { name: restricted }\nspec: { readOnlyRootFilesystem: false, volumes: [emptyDir] }\n';
      const fleet = aFleet()
        .with('clusters/lab.yaml', cluster)
        .with('profiles/restricted.yaml', profile)
        .write();
      return check(mounting, '--fleet', fleet, '-n', 'shop-web', '-c', 'lab', '-').out;
    };
    const broken =
      'TRY-SEC-018 must not be of a kind outside the list: volume v (image) (profile restricted)';
    expect(on('1.35')).toContain(`  ${broken}\n`);
    expect(on('1.34')).toContain(
      `unknown Kubernetes 1.34 leaves volumes from images out of pods; where its feature ImageVolume is on: ${broken}\n`,
    );
  });

  it('refuses DaemonSets of tenants as the policy does', () => {
    const daemon = bad.replace('kind: Deployment', 'kind: DaemonSet');
    const answer = check(daemon, '--fleet', aFleet().write(), '-n', 'shop-web', '-');
    expect(answer.out).toContain('  TRY-SEC-041 only the platform may have DaemonSets: bad\n');
  });

  it('reads a folder of manifests, and says which cluster has no such namespace', () => {
    const fleet = aFleet().write();
    const folder = path.join(fleet, 'apps/shop/web/manifests');
    writeFileSync(path.join(folder, 'bad.yaml'), bad);
    const answer = check('', '--fleet', fleet, folder, '-n', 'elsewhere', '-c', 'lab');
    expect(answer.code).toBe(3);
    expect(answer.out).toContain('unknown cluster lab has no namespace elsewhere');
    expect(check('', folder).err).toContain(`${folder} is no fleet repository; give --fleet and the files`);
  });

  it.each<[string, (out: string) => unknown, unknown]>([
    [
      'table',
      (out) => out,
      expect.stringContaining('✗ ResourceQuota/shop-web/toryo  on lab, tokyo\n  pods: 2 wanted, 1 there\n'),
    ],
    ['name', (out) => out, 'ResourceQuota/shop-web/toryo\n'],
    [
      'json',
      (out) => JSON.parse(out),
      [
        expect.objectContaining({ object: 'Pod/shop-web/p', outcome: 'allowed' }),
        expect.objectContaining({ object: 'Pod/shop-web/q', outcome: 'allowed' }),
        {
          object: 'ResourceQuota/shop-web/toryo',
          clusters: ['lab', 'tokyo'],
          outcome: 'exceeded',
          sums: [expect.objectContaining({ resource: 'pods', wanted: '2', hard: '1' })],
        },
      ],
    ],
  ])('tells a quota that is too small: -o %s', (format, read, wanted) => {
    const fleet = aFleet()
      .with('tenants/shop.yaml', tenantText().replace('restricted }', 'restricted, quota: { pods: 1 } }'))
      .with('apps/shop/web/manifests/web.yaml', `${good}---\n${good.replace('name: p', 'name: q')}`);
    const answer = check('', fleet.write(), '-o', format);
    expect(answer.code).toBe(3);
    expect(read(answer.out)).toEqual(wanted);
    if (format === 'table') expect(answer.err).toBe('✗ 2 allowed, 0 refused, 0 unknown, 1 quota too small\n');
  });

  it('tells mistakes of a fleet with those of its verdicts', () => {
    const fleet = aFleet()
      .with('fleet.yaml', fleetText('[{ name: a, select: all }]', '  freeze: []\n'))
      .with('apps/shop/web/manifests/web.yaml', good.replace('p }\nspec: {', 'p }\nspec: { hostPID: true,'));
    const answer = check('', fleet.write());
    expect(answer.code).toBe(2);
    expect(answer.err).toContain('unknown key "freeze"');
    expect(answer.out).toContain('must not share namespaces of the node: pod (hostPID)');
    expect(answer.err).toMatch(/✗ 0 allowed, 1 refused, 0 unknown, the fleet has mistakes\n$/);
  });

  it('names the field that decides, and says it in every format', () => {
    const pod =
      'apiVersion: v1\nkind: Pod\nmetadata: { name: p }\nspec: { hostPID: true, containers: [{ name: a, image: a }] }\n';
    const words = ['--fleet', aFleet().write(), '-n', 'shop-web', '-'];
    expect(check(pod, ...words).out).toContain(
      'why: SecurityProfile/restricted leaves hostPID out: false (profiles/restricted.yaml:3)',
    );
    expect(check(pod, ...words, '-o', 'name').out).toBe('Pod/shop-web/p\n');
    const lines = check(pod, ...words, '-o', 'jsonl')
      .out.trimEnd()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line).object)).toEqual(['Pod/shop-web/p']);
  });
});
