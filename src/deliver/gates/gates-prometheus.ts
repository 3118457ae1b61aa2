import { at, isString, listAt, parseJson, stringAt, stringsAt } from '../../lib/index.ts';
import type { GateQuestion } from '../../spec/index.ts';
import type { GateReply } from './gates-asked.ts';
import type { Fetched, Page } from './gates-page.ts';

type PrometheusQuestion = Extract<GateQuestion, { kind: 'prometheus' }>;

/** Address of an instant query; the server may stand below a path. */
export function queryUrl({ url, query }: PrometheusQuestion): string {
  if (!URL.canParse(url)) return url;
  const full = new URL(url);
  full.pathname = `${full.pathname.replace(/\/+$/, '')}/api/v1/query`;
  full.searchParams.set('query', query);
  return full.href;
}

const unsure = (why: string): GateReply => ({ outcome: 'unknown', why });

/** Holds every sample of an answer against what it must be. The format: prometheus.io/docs/prometheus/latest/querying/api. */
export function judgePrometheus(question: PrometheusQuestion, page: Fetched): GateReply {
  if ('why' in page) return unsure(page.why);
  if (!page.isWhole) return unsure('its answer is too large: aggregate the query');
  const body = parseJson(page.text);
  const trouble = troubleIn(body, page);
  if (trouble !== undefined) return unsure(trouble);
  const samples = samplesOf(at(body, 'data'));
  if (isString(samples)) return unsure(samples);
  return judgeSamples(question.is, samples, listAt(body, 'warnings').filter(isString));
}

/** Why an answer is none. */
function troubleIn(body: unknown, { status, redirect }: Page): string | undefined {
  const said = stringAt(body, 'status');
  if (said === 'success' && status === 200) return undefined;
  if (said === 'error')
    return `${stringAt(body, 'errorType') ?? 'error'}: ${stringAt(body, 'error') ?? 'without a reason'}`;
  const what = body === undefined ? 'what is not JSON' : 'no answer of Prometheus';
  return `it answers ${status} with ${redirect ?? what}`;
}

interface Sample {
  readonly value: number;
  /** `up{instance="a"}`; empty for a scalar. */
  readonly labels: string;
}

/** The samples of a vector or scalar; a sentence when there are none that are numbers. */
function samplesOf(data: unknown): readonly Sample[] | string {
  const type = stringAt(data, 'resultType');
  if (type === 'scalar') return [{ value: numberOf(at(data, 'result', 1)), labels: '' }];
  if (type !== 'vector')
    return `the query gives a ${type ?? 'result without a type'}, not a vector or scalar`;
  const result = listAt(data, 'result');
  const histogram = result.find((one) => at(one, 'histogram') !== undefined);
  if (histogram !== undefined)
    return `${labelsOf(histogram)} is a histogram, not a number: use histogram_quantile or a sum`;
  return result.map((one) => ({ value: numberOf(at(one, 'value', 1)), labels: labelsOf(one) }));
}

const infinities: Readonly<Record<string, number>> = { '+Inf': Infinity, '-Inf': -Infinity };

// Prometheus writes numbers as strings: JSON has no NaN.
function numberOf(value: unknown): number {
  if (!isString(value) || value === '') return Number.NaN;
  return infinities[value] ?? Number(value);
}

const longestLabels = 300;

function labelsOf(sample: unknown): string {
  const { __name__: name = '', ...labels } = stringsAt(sample, 'metric');
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const text = `${name}{${pairs.join(', ')}}`;
  return text.length > longestLabels ? `${text.slice(0, longestLabels)}…` : text;
}

const comparisons: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
  '==': (value, bound) => value === bound,
  '!=': (value, bound) => value !== bound,
};

function judgeSamples(is: string, samples: readonly Sample[], warnings: readonly string[]): GateReply {
  const { sign, isRight } = comparisonOf(is);
  const wrong = samples.filter((one) => !Number.isNaN(one.value) && !isRight(one.value));
  const [worst] = inOrder(sign, wrong);
  if (worst !== undefined) {
    const count = samples.length > 1 ? ` (${wrong.length} of ${samples.length} samples are wrong)` : '';
    return { outcome: 'fail', why: `${sampleText(worst)} is not ${is}${count}` };
  }
  const [least] = inOrder(sign, samples);
  const doubt = doubtIn(samples, warnings);
  if (least === undefined || doubt !== undefined) return unsure(doubt ?? 'no data');
  const count = samples.length > 1 ? ` (worst of ${samples.length} samples)` : '';
  return { outcome: 'pass', why: `${sampleText(least)} is ${is}${count}` };
}

function comparisonOf(is: string): { readonly sign: string; readonly isRight: (value: number) => boolean } {
  const [, sign = '', bound = ''] = /^([<>=!]+)\s*(.+)$/.exec(is) ?? [];
  const compare = comparisons[sign];
  return { sign, isRight: (value) => compare?.(value, Number(bound)) === true };
}

/** Why samples that are not wrong do not pass either. */
function doubtIn(samples: readonly Sample[], warnings: readonly string[]): string | undefined {
  const strange = samples.find((one) => Number.isNaN(one.value));
  if (strange !== undefined) return `${strange.labels || 'it'} is NaN`;
  return samples.length > 0 && warnings.length > 0 ? `not all was read: ${warnings.join('; ')}` : undefined;
}

/** Those farthest on the wrong side first. */
function inOrder(sign: string, samples: readonly Sample[]): readonly Sample[] {
  const order = { '<': -1, '>': 1 }[sign.slice(0, 1)] ?? 0;
  return samples.toSorted((left, right) => (left.value < right.value ? -order : order));
}

function sampleText({ value, labels }: Sample): string {
  const number = Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value);
  return labels === '' || labels === '{}' ? number : `${number} of ${labels}`;
}
