import { describe, expect, it } from 'vitest';
import { healthOf } from './health.ts';
import type { KubeObject } from '../manifest.ts';

const object = (apiVersion: string, kind: string, fields: object, metadata: object = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'a', ...metadata },
  ...fields,
});
const condition = (type: string, status: string, more: object = {}): object => ({
  status: { conditions: [{ type, status, ...more }] },
});

describe('health of kinds that nobody wrote a rule for', () => {
  it.each<[string, string, string, object, string, string | RegExp]>([
    ['an instance without status', 'example.com/v1', 'Boat', {}, 'unknown', 'nothing has written its status'],
    ['an instance that is ready', 'example.com/v1', 'Boat', condition('Ready', 'True'), 'healthy', ''],
    [
      'an instance that is not',
      'example.com/v1',
      'Boat',
      condition('Ready', 'False', { message: 'leaks' }),
      'progressing',
      'leaks',
    ],
    [
      'an instance that stalled',
      'example.com/v1',
      'Boat',
      condition('Stalled', 'True', { message: 'sunk' }),
      'failed',
      'sunk',
    ],
    [
      'an instance with a status of its own',
      'example.com/v1',
      'Boat',
      { status: { knots: 12 } },
      'healthy',
      '',
    ],
    [
      'an instance in a phase that nobody knows',
      'example.com/v1',
      'Boat',
      { status: { phase: 'Moored' } },
      'unknown',
      'phase is Moored',
    ],
    [
      'an instance that is being made',
      'example.com/v1',
      'Boat',
      { status: { phase: 'Building' } },
      'progressing',
      'phase is Building',
    ],
    [
      'an instance that broke',
      'example.com/v1',
      'Boat',
      { status: { state: 'HullFailed', message: 'leaks' } },
      'failed',
      'leaks',
    ],
    [
      'an instance that cannot be made',
      'example.com/v1',
      'Boat',
      condition('Ready', 'False', { reason: 'InvalidHull', message: 'no keel' }),
      'failed',
      'no keel',
    ],
    [
      'an instance whose conditions sum up to nothing',
      'example.com/v1',
      'Boat',
      condition('Afloat', 'True'),
      'unknown',
      'no condition sums it up: Afloat is True',
    ],
    [
      'an instance whose condition is of an older generation',
      'example.com/v1',
      'Boat',
      { metadata: { name: 'a', generation: 2 }, ...condition('Ready', 'True', { observedGeneration: 1 }) },
      'progressing',
      'its controller has not seen the change yet',
    ],
  ])('of %s', (_about, apiVersion, kind, fields, state, why) => {
    const health = healthOf(object(apiVersion, kind, fields));
    expect(health.state).toBe(state);
    expect(health.why).toMatch(why);
  });

  it('tells what is stopped on purpose apart, and never waits for it', () => {
    const paused = healthOf(
      object('example.com/v1', 'Boat', { spec: { paused: true }, status: { phase: 'Building' } }),
    );
    expect(paused).toEqual({ state: 'healthy', why: 'paused', isSuspended: true });
  });
});
