import { describe, expect, it } from 'vitest';
import { explain as ask, kinds, topics, type Explanation } from './index.ts';

function explain(topic: string): Explanation | undefined {
  const found = ask(topic);
  return found.is === 'known' ? found.explanation : undefined;
}

function topicsNear(topic: string): readonly string[] {
  const found = ask(topic);
  return found.is === 'unknown' ? found.suggestions : [];
}

describe('explain', () => {
  it.each(kinds)('knows %s', (kind) => {
    const found = explain(kind);
    expect(found?.description).toMatch(/\.$/);
    expect(found?.fields.map((one) => one.name)).toEqual(['apiVersion', 'kind', 'metadata', 'spec']);
  });

  it.each([
    ['App.spec.state', '"stateless" or "external" or "pinned"'],
    ['app.state', '"stateless" or "external" or "pinned"'],
    ['App.spec.clusters', '"all" or map of strings or lists of strings'],
    ['App.spec.overrides.images', 'map of strings'],
    ['App.spec.overrides[0].images.web', 'string'],
    ['Tenant.spec.namespaces.quota', 'map of strings or numbers'],
    ['Tenant.spec.namespaces.quota.cpu', 'string or number'],
    ['Tenant.spec.namespaces', 'list of mappings'],
    ['Fleet.networkSets.orders-db.ports', 'list of integers'],
    ['Cluster.metadata.labels', 'map of strings'],
    ['Cluster.eks.vpc', 'mapping'],
  ])('knows %s', (topic, type) => {
    const found = explain(topic);
    expect(found?.type).toBe(type);
    expect(found?.description).not.toBe('');
  });

  it('tells defaults, examples and fields', () => {
    expect(explain('App.spec.state')).toMatchObject({
      title: 'App.spec.state',
      default: 'stateless',
      examples: ['stateless'],
    });
    const expose = explain('App.expose')?.fields;
    expect(expose?.map((one) => [one.name, one.required])).toEqual([
      ['host', true],
      ['service', true],
      ['port', true],
      ['tls', false],
    ]);
  });

  it.each([
    ['App.spec.secrets', /\. Declared, not yet enforced\.$/],
    ['App.spec.overrides.secrets', /\. Declared, not yet enforced\.$/],
    ['Cluster.spec.provider', /\. Declared, not yet enforced: eks, onprem\.$/],
    ['App.spec.images', /(?<!enforced)\.$/],
  ])('says of %s whether anything acts on it, there and among the fields', (topic, sentence) => {
    const [, within = '', name] = /^(.*)\.(\w+)$/.exec(topic) ?? [];
    expect(explain(topic)?.description).toMatch(sentence);
    expect(explain(within)?.fields.find((one) => one.name === name)?.description).toMatch(sentence);
  });

  it('knows codes', () => {
    expect(explain('TRY-SPEC-014')).toMatchObject({
      title: 'TRY-SPEC-014',
      description: 'Cluster in no wave.',
      hint: 'Add a wave, or widen the last one.',
    });
    expect(explain('toryo_kube_forbidden')?.description).toContain('exit code 4');
  });

  it.each(['', 'Nothing', 'App.spec.nothing', 'App.spec.state.more', 'TRY-SPEC-999', 'TORYO_NOTHING'])(
    'does not know %j',
    (topic) => {
      expect(explain(topic)).toBeUndefined();
    },
  );

  it('suggests what is near', () => {
    expect(topicsNear('App.spec.overides.images')[0]).toBe('App.spec.overrides.images');
    expect(topicsNear('Ap')).toContain('App');
    expect(topicsNear('TRY-SPEC-0144')[0]).toBe('TRY-SPEC-014');
  });

  it('explains every topic that it lists', () => {
    expect(topics().filter((topic) => explain(topic) === undefined)).toEqual([]);
    expect(topics().length).toBeGreaterThan(300);
  });
});
