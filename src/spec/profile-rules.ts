import { at, isString, listAt, nearest, problem, stringAt, warning, type Diagnostic } from '../lib/index.ts';
import { capabilities, capabilityWritten, volumeKinds } from '../objects/index.ts';
import type { SourceDocument } from './document.ts';

interface Vocabulary {
  readonly field: string;
  readonly what: string;
  readonly words: readonly string[];
  /** A word as it should be written, known or not. */
  readonly written: (word: string) => string;
}

const volumeWritten = (word: string): string =>
  volumeKinds.find((kind) => kind.toLowerCase() === word.toLowerCase()) ?? word;

const vocabularies: readonly Vocabulary[] = [
  ...['requiredDropCapabilities', 'allowedCapabilities'].map((field) => ({
    field,
    what: 'capability',
    words: [...capabilities, '*'],
    written: capabilityWritten,
  })),
  { field: 'volumes', what: 'kind of volumes', words: [...volumeKinds, '*'], written: volumeWritten },
];

/** Words of a profile that no pod could mean, and fields of it that lack what they need, as it is written. */
export function profileMistakes(document: SourceDocument): readonly Diagnostic[] {
  if (document.kind !== 'SecurityProfile') return [];
  return [
    ...vocabularies.flatMap((one) => wordMistakes(document, one)),
    ...idMistakes(document),
    ...fillMistakes(document),
  ];
}

function wordMistakes(document: SourceDocument, vocabulary: Vocabulary): readonly Diagnostic[] {
  const { field, what, words, written } = vocabulary;
  return listAt(document.value, 'spec', field).flatMap((found, index) => {
    if (!isString(found) || words.includes(found)) return [];
    const place = document.locate(['spec', field, index]);
    const right = written(found);
    const suggestion = words.includes(right) ? right : found === '' ? '' : (nearest(right, words) ?? '');
    const args = { found, what, suggestion };
    // Newer kernels and Kubernetes may know more words, but not words written in another way.
    const isWrong = right !== found || found === '';
    return [isWrong ? problem('TRY-SPEC-048', place, args) : warning('TRY-SPEC-049', place, args)];
  });
}

const idFields = ['runAsUser', 'runAsGroup', 'supplementalGroups', 'fsGroup'] as const;

function idMistakes(document: SourceDocument): readonly Diagnostic[] {
  return idFields.flatMap((field) => {
    const rule = stringAt(document.value, 'spec', field, 'rule');
    const ranges = at(document.value, 'spec', field, 'ranges');
    const hasNone = listAt(document.value, 'spec', field, 'ranges').length === 0;
    // An empty list that is written says of MayRunAs that none may be set.
    const isWrong = rule === 'MustRunAs' ? hasNone : rule === 'MayRunAs' && ranges === undefined;
    if (!isWrong) return [];
    const place = document.locate(['spec', field, 'rule']);
    return [problem('TRY-SPEC-009', place, { why: `${field} is ${rule ?? ''} and has no ranges` })];
  });
}

function fillMistakes(document: SourceDocument): readonly Diagnostic[] {
  return listAt(document.value, 'spec', 'fill').flatMap((word, index) => {
    if (word !== 'runAsUser' && word !== 'runAsGroup') return [];
    if (listAt(document.value, 'spec', word, 'ranges').length > 0) return [];
    const place = document.locate(['spec', 'fill', index]);
    return [problem('TRY-SPEC-009', place, { why: `fill names ${word}, and ${word} has no ranges` })];
  });
}
