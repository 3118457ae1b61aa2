import { pathText } from '../lib/index.ts';
import { hasPlaces, type Change, type Place } from '../guard/index.ts';
import type { Fleet } from '../spec/index.ts';
import type { ExplainedViolation, FullQuota, ObjectVerdict } from '../toryo.ts';
import { reasonsText } from './reason-text.ts';
import type { Style } from './style.ts';

const indent = '    ';
const marks = { allowed: '✓', refused: '✗', unknown: '?' } as const;
const colours = { allowed: 'green', refused: 'red', unknown: 'yellow' } as const;

/** One object's verdict for people: what is wrong, where, what is wanted, why, and the smallest change. */
export function verdictText(one: ObjectVerdict, fleet: Fleet, style: Style): string {
  const { verdict, title, owner, clusters, from } = one;
  const mark = style(colours[verdict.outcome], marks[verdict.outcome]);
  const whose = [owner, clusters.length === 0 ? '' : `on ${clusters.join(', ')}`].filter(Boolean).join('  ');
  const place = from === undefined ? '' : `  ${style('dim', `${from.file}:${from.line}`)}\n`;
  const head = `${[`${mark} ${style('bold', title)}`, whose].filter(Boolean).join('  ')}\n${place}`;
  const parts = [
    ...verdict.violations.map((violation) => violationText(violation, fleet, style)),
    ...verdict.tried.map(
      ({ sentence, why }) => `  ${style('yellow', 'tried')} ${sentence}\n${reasonsText(why, indent, style)}`,
    ),
    ...verdict.waived.map(
      ({ sentence, waivers }) => `  ${style('dim', `waived by ${waivers.join(', ')}`)} ${sentence}\n`,
    ),
    ...defaultsText(verdict.defaults).map((text) => `  ${style('dim', text)}\n`),
    ...verdict.unknowns.map((why) => `  ${style('yellow', 'unknown')} ${why}\n`),
  ];
  return `${head}${parts.join('')}${one.change === undefined ? '' : changeText(one.change)}`;
}

/** The smallest change; where it is not the whole way, how far it leads and what is left. */
function changeText({ steps, mends, of, left }: Change): string {
  if (steps.length === 0) return '  no single smallest change\n';
  const rows = steps.map((step) => `    ${JSON.stringify(step)}\n`).join('');
  if (left.length === 0) return `  smallest change (JSON patch)\n${rows}`;
  const rest = left.map((sentence) => `    ${sentence}\n`).join('');
  return `  change (JSON patch), not the whole way\n${rows}  mends ${mends} of ${of}; left:\n${rest}`;
}

function violationText(violation: ExplainedViolation, fleet: Fleet, style: Style): string {
  const { sentence, places, rule, why } = violation;
  const rows = hasPlaces(rule) ? places.map((place) => `    ${placeText(place)}\n`) : [];
  const waivable = waivableText(violation, fleet);
  const last = waivable === undefined ? '' : `${indent}${style('dim', waivable)}\n`;
  const parts = [...rows, reasonsText(why, indent, style), last];
  return `  ${sentence}\n${parts.join('')}`;
}

function placeText({ path, actual, fix }: Place): string {
  const is = actual === undefined ? 'not set' : JSON.stringify(actual);
  const wanted =
    fix === undefined ? '' : fix === null ? ', wanted: not set' : `, wanted: ${JSON.stringify(fix)}`;
  return `${pathText(path)} is ${is}${wanted}`;
}

/** Whether the profile that refuses lets the rule be waived; undefined where no profile of the fleet does. */
export function waivableText({ rule, why }: ExplainedViolation, { profiles }: Fleet): string | undefined {
  const profile = why
    .map(({ subject }) => profiles.get(subject.replace(/^SecurityProfile\//, '')))
    .find(Boolean);
  if (profile === undefined) return undefined;
  const { waivable } = profile;
  return waivable?.rules.includes(rule) === true
    ? `may be waived for at most ${waivable.atMost}`
    : 'may not be waived';
}

/** `LimitRange toryo gives container web requests cpu 50m, memory 64Mi`. */
function defaultsText(defaults: ObjectVerdict['verdict']['defaults']): readonly string[] {
  const groups = Map.groupBy(
    defaults,
    ({ by, container, field }) => `LimitRange ${by} gives container ${container} ${field}`,
  );
  return [...groups].map(
    ([head, all]) => `${head} ${all.map(({ resource, value }) => `${resource} ${value}`).join(', ')}`,
  );
}

/** A quota that is too small for what its namespace is to hold. */
export function quotaText(one: FullQuota, style: Style): string {
  const { clusters, sums } = one;
  const rows = sums.map(({ resource, wanted, hard }) => `  ${resource}: ${wanted} wanted, ${hard} there\n`);
  return `${style('red', '✗')} ${style('bold', quotaTitle(one))}  on ${clusters.join(', ')}\n${rows.join('')}`;
}

export function quotaTitle({ namespace, quota }: FullQuota): string {
  return `ResourceQuota/${namespace}/${quota}`;
}
