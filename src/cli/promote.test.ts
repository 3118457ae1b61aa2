import { spawnSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { aFleet, appText, quietRun, removeFleets } from '../spec/testing/fleet.ts';
import { promote } from './commands/promote.ts';
import type { Session } from './session.ts';
import { styleFor } from './style.ts';

afterAll(removeFleets);

function toryo(...words: readonly string[]): { code: number | null; out: string; err: string } {
  const done = spawnSync(path.resolve('bin/toryo'), [...words], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

const folder = 'apps/shop/web';
const manifests = `apiVersion: v1
kind: Pod
metadata: { name: web }
spec:
  securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }
  containers:
    - name: web
      image: web
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
`;
const app = appText(
  '  images: { web: "r.example.com/web:1.5" }\n  overrides:\n    - select: { environment: production } # all\n      images: { web: "r.example.com/web:1.4" }\n',
);
const aWebFleet = () =>
  aFleet().with(`${folder}/app.yaml`, app).with(`${folder}/manifests/web.yaml`, manifests);

describe('toryo promote', () => {
  it('shows the difference, writes the file as a whole, checks, and says what comes next', () => {
    const root = aWebFleet().write();
    const file = path.join(root, folder, 'app.yaml');
    chmodSync(file, 0o640);
    const before = readFileSync(file, 'utf8');
    const answer = toryo('promote', 'App/shop/web', '--to', 'production', root, '--yes');
    expect(answer.code, answer.err).toBe(0);
    expect(answer.out).toBe(
      `--- ${folder}/app.yaml\n+++ ${folder}/app.yaml\n@@ -8 +8 @@\n   images: { web: "r.example.com/web:1.5" }\n   overrides:\n     - select: { environment: production } # all\n-      images: { web: "r.example.com/web:1.4" }\n+      images: { web: "r.example.com/web:1.5" }\n apiVersion: toryo.dev/v1alpha1\n`,
    );
    expect(answer.err).toContain('images.web: r.example.com/web:1.4 -> r.example.com/web:1.5');
    expect(answer.err).toContain('in staging: lab is unknown (it does not exist yet)');
    expect(answer.err).toContain('✓ fleet acme');
    expect(answer.err).toContain(`Next: commit it, and \`toryo plan ${root}\``);
    expect(readFileSync(file, 'utf8')).toBe(before.replace('1.4', '1.5'));
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(readdirSync(path.dirname(file)).sort()).toEqual(['app.yaml', 'manifests']);
  });

  it('writes nothing where nobody can be asked', () => {
    const root = aWebFleet().write();
    const answer = toryo('promote', 'App/shop/web', '--to', 'production', root);
    expect(answer).toMatchObject({ code: 2, out: '', err: expect.stringContaining('give --yes to promote') });
    expect(readFileSync(path.join(root, folder, 'app.yaml'), 'utf8')).toContain('web:1.4');
  });

  it('writes through a link', () => {
    const root = aWebFleet()
      .without(`${folder}/app.yaml`)
      .with('kept/app.yaml.txt', app)
      .linked(`${folder}/app.yaml`, '../../../kept/app.yaml.txt')
      .write();
    expect(toryo('promote', 'App/shop/web', '--to', 'production', root, '--yes').code).toBe(0);
    expect(lstatSync(path.join(root, folder, 'app.yaml')).isSymbolicLink()).toBe(true);
    expect(readFileSync(path.join(root, 'kept/app.yaml.txt'), 'utf8')).not.toContain('web:1.4');
  });

  it('is one document as JSON', () => {
    const answer = toryo(
      'promote',
      'App/shop/web',
      '--to',
      'production',
      aWebFleet().write(),
      '--yes',
      '-o',
      'json',
    );
    expect(answer.code, answer.err).toBe(0);
    expect(JSON.parse(answer.out)).toEqual({
      owner: 'App/shop/web',
      from: 'staging',
      to: 'production',
      file: `${folder}/app.yaml`,
      fields: [{ field: 'images.web', now: ['r.example.com/web:1.4'], next: 'r.example.com/web:1.5' }],
      verdict: 'lab is unknown (it does not exist yet)',
      notes: [],
    });
  });

  it('says what to change in a fleet written in TypeScript', () => {
    const code = `import { defineApp } from 'toryo';
defineApp({ name: 'web', tenant: 'shop', namespace: 'shop-web', clusters: 'all', source: { path: 'apps/shop/web/manifests' },
  images: { web: 'r.example.com/web:1.5' },
  overrides: [{ select: { environment: 'production' }, images: { web: 'r.example.com/web:1.4' } }] });
`;
    const tenant = `kind: Tenant\nmetadata: { name: shop }\nspec: { clusters: all, namespaces: [{ name: shop-web, profile: restricted }] }\n`;
    const root = aWebFleet()
      .without(`${folder}/app.yaml`)
      .with('tenants/shop.yaml', tenant)
      .with('fleet.ts', code)
      .write();
    mkdirSync(path.join(root, 'node_modules'), { recursive: true });
    const answer = toryo('promote', 'App/shop/web', '--to', 'production', root, '--yes');
    expect(answer).toMatchObject({
      code: 2,
      out: '- select: { environment: production }\n  images.web: "r.example.com/web:1.5"\n',
      err: 'App/shop/web is written in code (fleet.ts:2), which is not edited. For production its overrides must say:\n',
    });
    expect(readFileSync(path.join(root, 'fleet.ts'), 'utf8')).toBe(code);
  });

  it('refuses what would not be a fleet any more', () => {
    const root = aWebFleet().with(`${folder}/app.yaml`, `${app}  hosts: []\n`).write();
    const answer = toryo('promote', 'App/shop/web', '--to', 'production', root, '--yes');
    expect(answer).toMatchObject({ code: 2, out: '', err: expect.stringContaining('unknown key "hosts"') });
  });

  it('says how it is in the environment before, where that is known', async () => {
    const said: string[] = [];
    const session = {
      run: quietRun,
      env: {},
      format: 'table',
      style: styleFor({}, {}, false),
      print: () => undefined,
      say: (text: string) => void said.push(text),
      tell: () => false,
    } as unknown as Session;
    const root = aWebFleet().write();
    const verdictOf = async (owner: string, environment: string) =>
      `${owner} healthy on 1 of 1 in ${environment}`;
    await promote({ owner: 'App/shop/web', root, to: 'production', yes: true }, session, verdictOf);
    expect(said.join('')).toContain('in staging: App/shop/web healthy on 1 of 1 in staging\n');
  });
});
