import { describe, expect, it } from 'vitest';
import { judgePrometheus } from './gates-prometheus.ts';

describe('an answer of Prometheus', () => {
  const vector = (...samples: readonly (readonly [string, object?])[]): unknown => ({
    resultType: 'vector',
    result: samples.map(([value, metric = {}]) => ({ metric, value: [1.5, value] })),
  });
  const judged = (data: unknown, is: string, more = {}) =>
    judgePrometheus(
      { kind: 'prometheus', url: 'http://p', query: 'up', is, bearer: undefined },
      { status: 200, text: JSON.stringify({ status: 'success', data, ...more }), isWhole: true },
    );

  const labelled = vector(
    ['0.002', { __name__: 'rate', job: 'a' }],
    ['0.034210526315789476', { __name__: 'rate', job: 'b' }],
    ['0.02', { __name__: 'rate', job: 'c' }],
  );
  it.each([
    [
      'every sample right',
      labelled,
      '<= 0.1',
      'pass',
      '0.03421 of rate{job="b"} is <= 0.1 (worst of 3 samples)',
    ],
    [
      'one sample wrong',
      labelled,
      '< 0.01',
      'fail',
      '0.03421 of rate{job="b"} is not < 0.01 (2 of 3 samples are wrong)',
    ],
    [
      'the least is the worst',
      labelled,
      '>= 0.01',
      'fail',
      '0.002 of rate{job="a"} is not >= 0.01 (1 of 3 samples are wrong)',
    ],
    [
      'equal',
      vector(['1', { job: 'a' }], ['0', { job: 'b' }]),
      '== 1',
      'fail',
      '0 of {job="b"} is not == 1 (1 of 2 samples are wrong)',
    ],
    ['not equal', vector(['1']), '!= 0', 'pass', '1 is != 0'],
    ['a scalar', { resultType: 'scalar', result: [1.5, '3e-05'] }, '<1e-4', 'pass', '0.00003 is <1e-4'],
    ['infinity', vector(['+Inf']), '> 1', 'pass', 'Infinity is > 1'],
    ['minus infinity', vector(['-Inf']), '> -1', 'fail', '-Infinity is not > -1'],
    ['no sample', vector(), '< 1', 'unknown', 'no data'],
    ['NaN', vector(['NaN', { job: 'a' }], ['0']), '< 1', 'unknown', '{job="a"} is NaN'],
    ['a scalar NaN', { resultType: 'scalar', result: [1, 'NaN'] }, '!= 1', 'unknown', 'it is NaN'],
    [
      'NaN beside a wrong one',
      vector(['NaN'], ['2']),
      '< 1',
      'fail',
      '2 is not < 1 (1 of 2 samples are wrong)',
    ],
    ['a number that is none', vector(['']), '< 1', 'unknown', '{} is NaN'],
    [
      'a range',
      { resultType: 'matrix', result: [] },
      '< 1',
      'unknown',
      'the query gives a matrix, not a vector or scalar',
    ],
    [
      'a histogram',
      { resultType: 'vector', result: [{ metric: { __name__: 'h' }, histogram: [1, {}] }] },
      '< 1',
      'unknown',
      'h{} is a histogram, not a number: use histogram_quantile or a sum',
    ],
    [
      'no data at all',
      undefined,
      '< 1',
      'unknown',
      'the query gives a result without a type, not a vector or scalar',
    ],
  ])('%s', (_name, data, is, outcome, why) => {
    expect(judged(data, is)).toEqual({ outcome, why });
  });

  it('does not pass on a part of the data', () => {
    const more = { warnings: ['remote storage b did not answer'] };
    expect(judged(vector(['0']), '< 1', more)).toEqual({
      outcome: 'unknown',
      why: 'not all was read: remote storage b did not answer',
    });
    expect(judged(vector(['2']), '< 1', more).outcome).toBe('fail');
    expect(judged(vector(['0']), '< 1', { infos: ['may not be a counter'] }).outcome).toBe('pass');
  });
});
