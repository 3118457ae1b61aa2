import type { KubeObject } from '../../../src/objects/index.ts';

/** Numbers between 0 and 1 that are the same in every run (mulberry32). */
export function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Holder = Record<string, unknown> | unknown[];
const isHolder = (value: unknown): value is Holder => typeof value === 'object' && value !== null;

/** Every map and list of an object that an edit may change, but not what says which object it is. */
function holdersOf(object: KubeObject): readonly Holder[] {
  const all: Holder[] = [];
  const walk = (value: unknown): void => {
    if (!isHolder(value)) return;
    all.push(value);
    Object.values(value).forEach(walk);
  };
  for (const [field, value] of Object.entries(object)) if (field !== 'metadata') walk(value);
  for (const field of ['labels', 'annotations'] as const) walk(object.metadata[field]);
  return all.filter((holder) => Object.keys(holder).length > 0);
}

const kin = (value: unknown): unknown => {
  if (value === '') return null;
  if (value === null) return '';
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value === 0 ? 1 : String(value);
  if (typeof value === 'string') return spelled(value);
  return Array.isArray(value) ? [] : {};
};
// Another spelling of the same quantity, or another text.
const spelled = (text: string): unknown => {
  if (/^\d+$/.test(text)) return Math.abs(Number(text)) < 1e6 ? `${text}000m` : `${text}1`;
  if (/^\d+Gi$/.test(text)) return `${Number.parseInt(text, 10) * 1024}Mi`;
  if (/^\d+000m$/.test(text)) return text.slice(0, -4);
  return /^[a-z]+$/.test(text) ? `${text}x` : '';
};

/** The object with one field taken away, changed, spelled in another way or moved. */
export function edited(object: KubeObject, random: () => number): KubeObject {
  const copy = structuredClone(object);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const holder = pick(holdersOf(copy));
  if (Array.isArray(holder)) editList(holder, random);
  else editMap(holder, pick(Object.keys(holder)), random);
  return copy;
}

function editList(list: unknown[], random: () => number): void {
  const index = Math.floor(random() * list.length);
  const how = random();
  if (how < 0.3) list.splice(index, 1);
  else if (how < 0.6) list.reverse();
  else if (how < 0.8) list.push(structuredClone(list[index]));
  else list[index] = kin(list[index]);
}

function editMap(map: Record<string, unknown>, key: string, random: () => number): void {
  const how = random();
  if (how < 0.35) delete map[key];
  else if (how < 0.8) map[key] = kin(map[key]);
  else if (how < 0.9) map[`${key}x`] = structuredClone(map[key]);
  else map[key] = null;
}
