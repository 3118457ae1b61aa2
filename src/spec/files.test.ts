import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { aFleet, appText, clusterText, fleetText, removeFleets, shown, tenantText } from './testing/fleet.ts';

afterAll(removeFleets);

describe('a repository', () => {
  it('tells every mistake at once, in the order of reading', async () => {
    const fleet = aFleet()
      .with('fleet.yaml', fleetText('[{ name: a, select: all, sok: 10m }]', '  prune: { atMost: lots }\n'))
      .with('clusters/lab.yaml', clusterText('environment: stagin, provider: sandbox, version: 1.30'))
      .with('clusters/tokyo.yaml', 'kind: Cluster\nmetadata: { name: tokyo\nspec: {}\n')
      .with('tenants/shop.yaml', tenantText('  teams: [{ name: dev, group: "system:x", can: [edti] }]\n'))
      .with(
        'apps/shop/web/app.yaml',
        appText('  state: pined\n  needs: [App/shop/none]\n')
          .replace('name: web', 'name: Web')
          .replace('path: manifests', 'pth: manifests'),
      );
    expect(await fleet.mistakes()).toEqual([
      'TRY-SPEC-006 apps/shop/web/app.yaml:2:19 "Web" is no name: at most 63 of a-z, 0-9 and "-", beginning and ending with a letter or digit',
      'TRY-SPEC-001 apps/shop/web/app.yaml:7:13 unknown key "pth", did you mean "path"?',
      'TRY-SPEC-005 apps/shop/web/app.yaml:8:10 "pined" is not one of stateless, external, pinned, did you mean "pinned"?',
      'TRY-SPEC-003 clusters/lab.yaml:3:58 1.30 is read as the number 1.3, not as text; quote it: "1.30"',
      'TRY-YAML-001 clusters/tokyo.yaml:3:1 not YAML: a {, [ or quote that was opened above is not closed here',
      'TRY-SPEC-001 fleet.yaml:5:35 unknown key "sok", did you mean "soak"?',
      'TRY-SPEC-007 fleet.yaml:6:20 "lots" is not a share such as 25%, or a whole number',
      'TRY-SPEC-005 tenants/shop.yaml:8:49 "edti" is not one of view, edit, admin, exec, secrets, did you mean "edit"?',
    ]);
  });

  it('reads an alias bomb in no time and says so', async () => {
    const levels = 'bcdefghi'
      .split('')
      .map((name, index) => `  ${name}: &${name} [${Array(10).fill(`*${'abcdefgh'[index]}`).join(', ')}]`);
    const text = `kind: Cluster\nmetadata: { name: lab }\nspec:\n  a: &a [x, x, x, x, x, x, x, x, x, x]\n${levels.join('\n')}\n`;
    const began = performance.now();
    expect(await aFleet().with('clusters/lab.yaml', text).mistakes()).toEqual([
      'TRY-YAML-004 clusters/lab.yaml:8:39 aliases expand to more than 100000 nodes',
    ]);
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it('reads 5,000 files quickly', async () => {
    const fleet = aFleet();
    for (let index = 0; index < 2500; index += 1) {
      const app = `apps/shop/a${index}`;
      fleet.with(`${app}/app.yaml`, appText().replace('name: web', `name: a${index}`));
      fleet.with(`${app}/manifests/web.yaml`, 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\n');
    }
    fleet.write();
    const began = performance.now();
    const { value, diagnostics } = await fleet.load();
    expect(diagnostics.filter((one) => one.severity === 'error')).toEqual([]);
    expect(value?.apps.length).toBe(2501);
    // A second or two on a quiet machine; the bound says that it does not grow with the square.
    expect(performance.now() - began).toBeLessThan(15_000);
  });

  it('keeps dot-folders and node_modules out', async () => {
    const fleet = aFleet().with('.git/x.yaml', 'kind: [').with('node_modules/y/fleet.yaml', fleetText('[]'));
    expect(await fleet.mistakes()).toEqual([]);
  });

  it('follows links inside the repository', async () => {
    const fleet = aFleet()
      .without('profiles/restricted.yaml')
      .with('shared/restricted.txt', 'kind: SecurityProfile\nmetadata: { name: restricted }\nspec: {}\n')
      .linked('profiles/restricted.yaml', '../shared/restricted.txt');
    expect(await fleet.mistakes()).toEqual([]);
  });

  it('takes several documents and those of others in one file', async () => {
    const fleet = aFleet()
      .without('apps/shop/web/manifests/web.yaml')
      .with(
        'apps/shop/web/app.yaml',
        `apiVersion: toryo.dev/v1alpha1\n${appText().replace('manifests', 'app.yaml')}---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\n`,
      );
    expect(await fleet.mistakes()).toEqual([]);
  });

  it('warns of objects that nothing reads', async () => {
    const { value, diagnostics } = await aFleet()
      .with('stray/web.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: web }\n')
      .load();
    expect(value).toBeDefined();
    expect(shown(diagnostics)).toContain(
      'TRY-SPEC-032 stray/web.yaml:1:1 ConfigMap in stray/web.yaml is read by no App or Addon',
    );
  });

  it('says what no folder is', async () => {
    const { diagnostics } = await aFleet().empty().load();
    expect(diagnostics.map((one) => one.code)).toEqual(['TRY-SPEC-019']);
  });
});

describe('what is no regular file', () => {
  it('is told when it looks like a document', async () => {
    const fleet = aFleet();
    const made = spawnSync('mkfifo', [path.join(fleet.write(), 'pipe.yaml')]);
    if (made.status !== 0) return; // no such thing on this machine
    expect(await fleet.mistakes()).toEqual(['TRY-SPEC-039 pipe.yaml:1:1 pipe.yaml is no regular file']);
  });
});
