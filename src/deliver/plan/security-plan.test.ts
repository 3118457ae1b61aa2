import { describe, expect, it } from 'vitest';
import { guardKind, labels } from '../../lib/index.ts';
import { withLabels, type KubeObject } from '../../objects/index.ts';
import { ours, planned, stored } from '../testing/scene.ts';

interface Held {
  readonly level?: string;
  readonly profile?: string;
  readonly waivers?: readonly { readonly name: string; readonly rule: string }[];
}

const strict: Held = { level: 'restricted' };
const waiver = { name: 'legacy-root', rule: 'TRY-SEC-012' };
const waived: Held = { level: 'baseline', waivers: [waiver, { ...waiver }] };

/** A namespace, and the Guard that it names. */
const held = ({ level, profile = 'restricted', waivers = [] }: Held, guard: string): KubeObject[] => {
  const { metadata, ...space } = ours('shop-web', 'Namespace');
  const { namespace: _none, ...own } = metadata;
  const enforce = level === undefined ? {} : { 'pod-security.kubernetes.io/enforce': level };
  const spec = { profile, waivers, serviceAccounts: [], profiles: [], serviceTypes: [] };
  return [
    withLabels({ ...space, metadata: own }, { ...enforce, [labels.guard]: guard }),
    { apiVersion: guardKind.apiVersion, kind: guardKind.kind, metadata: { name: guard }, spec },
  ];
};

const effects = (before: Held, after: Held): readonly string[] => {
  const live = held(before, 'before').map((one) => stored(one));
  return (planned({ wanted: held(after, 'after'), live }).effects ?? []).map(({ text }) => text);
};

describe('what a plan says of the Pod Security level of a namespace', () => {
  it('names the Waiver that lowers it', () => {
    expect(effects(strict, waived)).toEqual([
      'namespace shop-web: Pod Security restricted -> baseline, by Waiver legacy-root (TRY-SEC-012)',
    ]);
    const other = { name: 'probes', rule: 'TRY-SEC-032' };
    const image = { name: 'images', rule: 'TRY-SEC-028' };
    expect(effects(strict, { level: 'baseline', waivers: [image, other, waiver] })).toEqual([
      'namespace shop-web: Pod Security restricted -> baseline, by Waivers probes (TRY-SEC-032), legacy-root (TRY-SEC-012)',
    ]);
  });

  it('names what raises it, and how to see what would not start again', () => {
    const next =
      'what runs goes on, `toryo guard simulate restricted -n shop-web` shows what would not start again';
    expect(effects(waived, strict)).toEqual([
      `namespace shop-web: Pod Security baseline -> restricted, without Waiver legacy-root (TRY-SEC-012); ${next}`,
    ]);
    expect(effects({ level: 'privileged', profile: 'host' }, strict)).toEqual([
      `namespace shop-web: Pod Security privileged -> restricted, profile host -> restricted; ${next}`,
    ]);
    expect(effects({}, strict)).toEqual([`namespace shop-web: Pod Security none -> restricted; ${next}`]);
  });

  it('is nothing where it stays, and of a namespace that is new', () => {
    expect(effects(waived, { level: 'baseline', profile: 'baseline' })).toEqual([]);
    expect(planned({ wanted: held(strict, 'after') }).effects).toBeUndefined();
  });
});
