import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { editedFor, keepersOf, load, promotionOf } from './index.ts';
import { aFleet, appText, quietRun, removeFleets, type FleetBuilder } from './testing/fleet.ts';

afterAll(removeFleets);

const file = 'apps/shop/web/app.yaml';
const head = `apiVersion: toryo.dev/v1alpha1\n${appText()}`;

/** The text of the App's file after a promotion into production, and what to know about it. */
async function promoted(
  fleet: FleetBuilder,
  owner = 'App/shop/web',
  at = file,
): Promise<{ readonly text: string; readonly notes: readonly string[] }> {
  const read = await fleet.fleet();
  const promotion = promotionOf(read, owner, 'production');
  const text = await editedFor(read, promotion, readFileSync(path.join(fleet.write(), at), 'utf8'));
  const next = await load(fleet.write(), quietRun, { texts: new Map([[at, text]]) });
  expect(next.value).toBeDefined();
  return { text, notes: keepersOf(next.value!, promotion) };
}

const cases: readonly (readonly [name: string, before: string, after: string])[] = [
  [
    'a list on one line gets an entry',
    '  images: { web: "r/web:1.5" } # what staging runs\n  overrides: [{ select: { environment: staging }, images: { web: r/web:1.6 } }]\n',
    '  images: { web: "r/web:1.5" } # what staging runs\n  overrides: [{ select: { environment: staging }, images: { web: r/web:1.6 } }, { select: { environment: production }, images: { web: "r/web:1.6" } }]\n',
  ],
  [
    'comments, spaces and quotes stay',
    "  images: { web: \"r/web:1.5\", proxy: 'r/proxy:2' }\n  overrides:\n    # what customers see\n    - select:   { environment: production }   # all of it\n      images:\n        web:   'r/web:1.4'   # since May\n        # not yet\n        proxy: r/proxy:1\n      without: [ ]\n",
    "  images: { web: \"r/web:1.5\", proxy: 'r/proxy:2' }\n  overrides:\n    # what customers see\n    - select:   { environment: production }   # all of it\n      images:\n        web:   'r/web:1.5'   # since May\n        # not yet\n        proxy: r/proxy:2\n      without: [ ]\n",
  ],
  [
    'a block map gets an image, behind its own comments and before those of what follows',
    '  images:\n    web: r/web:1.5\n  overrides:\n    - select: { environment: production }\n      images:\n        web: r/web:1.4 # old\n        # the end of the images\n      # about needs\n      needs: []\n    - select: { environment: staging }\n      images: { extra: r/extra:1 }\n',
    '  images:\n    web: r/web:1.5\n  overrides:\n    - select: { environment: production }\n      images:\n        web: r/web:1.5 # old\n        # the end of the images\n        extra: r/extra:1\n      # about needs\n      needs: []\n    - select: { environment: staging }\n      images: { extra: r/extra:1 }\n',
  ],
  [
    'an override without images gets some',
    '  overrides:\n    - select: { environment: [production] }\n      needs: []   # none\n    - select: { environment: staging }\n      images: { web: r/web:1.6 }\n\n# the end\n',
    '  overrides:\n    - select: { environment: [production] }\n      needs: []   # none\n      images:\n        web: r/web:1.6\n    - select: { environment: staging }\n      images: { web: r/web:1.6 }\n\n# the end\n',
  ],
  [
    'flow maps over several lines keep their shape',
    '  images: { proxy: r/proxy:1 }\n  overrides: [\n    {\n      select: { environment: production }, # here\n      images: {\n        web: r/web:1.4, # the old one\n      },\n    },\n    { select: { environment: staging }, images: { web: "r/web:1.6", "no": r/no:1 } },\n    ]\n',
    '  images: { proxy: r/proxy:1 }\n  overrides: [\n    {\n      select: { environment: production }, # here\n      images: {\n        web: r/web:1.6,\n        "no": "r/no:1", # the old one\n      },\n    },\n    { select: { environment: staging }, images: { web: "r/web:1.6", "no": r/no:1 } },\n    ]\n',
  ],
  [
    'an empty list and empty maps are filled',
    '  overrides:\n    - { select: { environment: production }, images: {} }\n    - { select: { environment: staging }, images: { web: r/web:1.6 } }\n',
    '  overrides:\n    - { select: { environment: production }, images: { web: "r/web:1.6" } }\n    - { select: { environment: staging }, images: { web: r/web:1.6 } }\n',
  ],
  [
    'an alias becomes the value, and its anchor stays what it is',
    '  images: { web: &now "r/web:1.5" }\n  overrides:\n    - select: { environment: staging }\n      images: { web: r/web:1.6 }\n    - select: { environment: production }\n      images: { web: *now }\n',
    '  images: { web: &now "r/web:1.5" }\n  overrides:\n    - select: { environment: staging }\n      images: { web: r/web:1.6 }\n    - select: { environment: production }\n      images: { web: r/web:1.6 }\n',
  ],
  [
    'an alias for all images becomes them',
    '  images: &all\n    web: r/web:1.5\n    proxy: r/proxy:1\n  overrides:\n    - select: { environment: staging }\n      images: { web: r/web:1.6 }\n    - select: { environment: production }\n      images: *all # the same\n',
    '  images: &all\n    web: r/web:1.5\n    proxy: r/proxy:1\n  overrides:\n    - select: { environment: staging }\n      images: { web: r/web:1.6 }\n    - select: { environment: production }\n      images: { web: "r/web:1.6", proxy: "r/proxy:1" } # the same\n',
  ],
  [
    'an anchor of its own stays',
    '  overrides:\n    - select: { environment: production }\n      images: { web: &live r/web:1.4 }\n    - select: { environment: staging }\n      images: { web: r/web:1.6 }\n',
    '  overrides:\n    - select: { environment: production }\n      images: { web: &live r/web:1.6 }\n    - select: { environment: staging }\n      images: { web: r/web:1.6 }\n',
  ],
  [
    'a text that must be quoted is',
    '  overrides:\n    - select: { environment: staging }\n      images: { web: "1.10" }\n    - select: { environment: production }\n      images:\n        web: r/web:1.4\n',
    '  overrides:\n    - select: { environment: staging }\n      images: { web: "1.10" }\n    - select: { environment: production }\n      images:\n        web: "1.10"\n',
  ],
  [
    'what removes an image becomes one',
    '  images: { web: r/web:1.5 }\n  overrides:\n    - select: { environment: production }\n      images: { web: null }\n',
    '  images: { web: r/web:1.5 }\n  overrides:\n    - select: { environment: production }\n      images: { web: r/web:1.5 }\n',
  ],
  [
    'what removes all images becomes a map of them',
    '  images: { web: r/web:1.5 }\n  overrides:\n    - select: { environment: production }\n      images:\n      needs: []\n',
    '  images: { web: r/web:1.5 }\n  overrides:\n    - select: { environment: production }\n      images: { web: "r/web:1.5" }\n      needs: []\n',
  ],
  [
    'a folded text becomes a line',
    '  images: { web: r/web:1.5 }\n  overrides:\n    - select: { environment: production }\n      images:\n        web: >-\n          r/web:1.4\n      needs: []\n',
    '  images: { web: r/web:1.5 }\n  overrides:\n    - select: { environment: production }\n      images:\n        web: r/web:1.5\n      needs: []\n',
  ],
  [
    'a list is made, in a file without a last line end',
    '  images: { web: r/web:1.5 }\n  overrides:\n    - select: { environment: production, name: tokyo }\n      images: { web: r/web:1.4 }\n    - select: { environment: staging }\n      images: { web: r/web:1.6 }',
    '  images: { web: r/web:1.5 }\n  overrides:\n    - select: { environment: production, name: tokyo }\n      images: { web: r/web:1.4 }\n    - select: { environment: staging }\n      images: { web: r/web:1.6 }\n    - select: { environment: production }\n      images:\n        web: r/web:1.6\n',
  ],
  [
    'the last of two overrides is the one that counts',
    '  images: { web: r/web:1.5 }\n  overrides:\n    - { select: { environment: production }, images: { web: r/web:1.3 } }\n    - { select: { environment: production }, images: { web: r/web:1.4 } }\n',
    '  images: { web: r/web:1.5 }\n  overrides:\n    - { select: { environment: production }, images: { web: r/web:1.3 } }\n    - { select: { environment: production }, images: { web: r/web:1.5 } }\n',
  ],
];

describe('the file after a promotion', () => {
  it.each(cases)('%s', async (_name, before, after) => {
    expect((await promoted(aFleet().with(file, head + before))).text).toBe(head + after);
  });

  it.each(cases)('%s, with CRLF and a mark at the beginning', async (_name, before, after) => {
    const foreign = (text: string): string => `\uFEFF${text.replaceAll('\n', '\r\n')}`;
    const { text } = await promoted(aFleet().with(file, foreign(head + before)));
    expect(text).toBe(foreign(head + after));
  });

  it('keeps the other documents', async () => {
    const other = (name: string): string =>
      `${head.replace('name: web', `name: ${name}`)}  images: { web: r/web:0 }\n`;
    const web = `${head}  images: { web: r/web:1.5 }\n  overrides: [{ select: { environment: production }, images: { web: r/web:1.4 } }]\n`;
    const before = `# three\n${other('one')}---\n# web\n${web}---\n\n---\n${other('two')}`;
    const { text } = await promoted(aFleet().with(file, before));
    expect(text).toBe(before.replace('r/web:1.4', 'r/web:1.5'));
  });

  it('is JSON where it was', async () => {
    const json = {
      apiVersion: 'toryo.dev/v1alpha1',
      kind: 'App',
      metadata: { name: 'web' },
      spec: {
        tenant: 'shop',
        namespace: 'shop-web',
        clusters: 'all',
        source: { path: 'manifests' },
        overrides: [{ select: { environment: 'staging' }, images: { web: 'r/web:1.6' } }],
      },
    };
    const at = 'apps/shop/web/app.json';
    const fleet = aFleet()
      .without(file)
      .with(at, JSON.stringify(json, undefined, 2));
    const { text } = await promoted(fleet, 'App/shop/web', at);
    expect(JSON.parse(text)).toEqual({
      ...json,
      spec: {
        ...json.spec,
        overrides: [
          ...json.spec.overrides,
          { select: { environment: 'production' }, images: { web: 'r/web:1.6' } },
        ],
      },
    });
  });

  it('has the version of a chart, with all of the source that has it, variables too', async () => {
    const chart = 'oci://registry.example.com/charts/web';
    const app = appText(
      `  overrides:\n    - select: { environment: staging }\n      source: { helm: { chart: "${chart}", version: 1.5.0 } }\n`,
    ).replace(
      'source: { path: manifests }',
      `source:\n    helm:\n      chart: ${chart}\n      version: 1.4.0\n      values:\n        host: "\${cluster.name}.example.com" # each its own\n        list: [1, two]`,
    );
    const { text } = await promoted(aFleet().with(file, app));
    expect(text.slice(text.indexOf('    - select: { environment: production }'))).toBe(
      `    - select: { environment: production }\n      source:\n        helm:\n          chart: ${chart}\n          version: 1.5.0\n          values:\n            host: \${cluster.name}.example.com\n            list:\n            - 1\n            - two\napiVersion: toryo.dev/v1alpha1\n`,
    );
    const again = await promoted(
      aFleet().with(file, text.replace('version: 1.5.0 } }', 'version: 1.6.0 } }')),
    );
    expect(again.text).toContain('          version: 1.6.0\n          values:');
  });

  it('has the version of an add-on', async () => {
    const addon = (more: string): string =>
      `apiVersion: toryo.dev/v1alpha1\nkind: Addon\nmetadata: { name: metrics-server }\nspec:\n  from: catalog\n  version: 0.8.1 # newest\n  clusters: all\n  namespace: { name: metrics, profile: restricted }\n${more}`;
    const { text } = await promoted(
      aFleet().with(
        'addon.yaml',
        addon('  overrides: [{ select: { environment: production }, version: 0.8.0 }]\n'),
      ),
      'Addon/metrics-server',
      'addon.yaml',
    );
    expect(text).toBe(addon('  overrides: [{ select: { environment: production }, version: 0.8.1 }]\n'));
  });

  it('has the version of an add-on’s chart, whose values stay where they are', async () => {
    const chart = 'oci://registry.example.com/charts/metallb';
    const addon = (version: string, more = ''): string =>
      `apiVersion: toryo.dev/v1alpha1\nkind: Addon\nmetadata: { name: metallb }\nspec:\n  from:\n    helm:\n      chart: ${chart}\n      version: ${version}\n      values: { a: 1 }\n  clusters: all\n  namespace: { name: metallb-system, profile: restricted }\n  overrides:\n    - select: { environment: staging }\n      from: { helm: { chart: "${chart}", version: 1.6.0 } }\n${more}`;
    const made = await promoted(aFleet().with('addon.yaml', addon('1.5.0')), 'Addon/metallb', 'addon.yaml');
    const own = `    - select: { environment: production }\n      from:\n        helm:\n          chart: ${chart}\n          version: `;
    expect(made.text).toBe(addon('1.5.0', `${own}1.6.0\n`));
    const changed = addon('1.5.0', `${own}1.5.0 # careful\n`);
    const { text } = await promoted(aFleet().with('addon.yaml', changed), 'Addon/metallb', 'addon.yaml');
    expect(text).toBe(changed.replace('1.5.0 # careful', '1.6.0 # careful'));
  });

  it('is told where a later override keeps another value', async () => {
    const app = `${head}  images: { web: r/web:1.5 }\n  overrides:\n    - { select: { environment: production }, images: { web: r/web:1.4 } }\n    - { select: { name: tokyo }, images: { web: r/web:1.3 } }\n`;
    expect((await promoted(aFleet().with(file, app))).notes).toEqual([
      'tokyo keeps images.web r/web:1.3 (apps/shop/web/app.yaml:12)',
    ]);
  });
});
