import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at, parseJson, parseYaml } from './index.ts';

const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;

const written = (
  '0644 0o17 0O17 0x1F 0X1f 0b11 0B11 08 09 012 019 00 0 -0 +0 -017 +017 0_7 1_000 1__0 _1 1_ 0x_1 -0x1f +0b1 0b2 0o8 ' +
  'yes Yes YES yEs no on On ON off Off OFF y Y n N true True TRUE tRue false null Null NULL nUll ~ ' +
  '012:34 12:34:56 1:2 2026-11-21 2026-11-21T10:00:00Z 2026-1-1 1e3 1E3 1e+3 1e-3 12e03 1.e3 .5 .5e1 1. 1.0 1.50 01.5 ' +
  '-.5 +.5 -1.5 +1 -1 +12.5 . .. .e1 e1 1e 1e+ 0x 0b 0o - + -- +- 1.2.3 1,000 1_0.5 .5_0 .1_2 1_.5 0.1_5 0x1.8 0x1p3 ' +
  '9007199254740991 -9007199254740991 1e21 1.5e300 5e-324 3.14159 100000000000000000000.0 0777777 0888 00012 1e0 0e0 0.0 -0.0 ' +
  'a1 1a 1.35 v1 1m 100m 16Gi 25% a.b = <<'
).split(' ');

const generated = fc.sample(
  fc.string({
    unit: fc.constantFrom(...'0123456789012789._-+eExXoObB:afy'.split('')),
    minLength: 1,
    maxLength: 7,
  }),
  { numRuns: 900, seed: 20_261_121 },
);

// A scalar that is an indicator, or that would end the value, is no plain scalar: YAML itself is not what is compared.
const isPlain = (text: string): boolean => !/^[-?:]$|:$|^[-:]( |$)/.test(text);

/** What kubectl makes of each text as a value, one object for all; undefined where it refuses. */
function kubectl(texts: readonly string[]): readonly unknown[] | undefined {
  const lines = texts.map((text) => `  - ${text}`);
  const object = `apiVersion: example.com/v1\nkind: Probe\nmetadata: { name: probe }\nspec:\n${lines.join('\n')}\n`;
  const ran = spawnSync('kubectl', ['label', '--local', '-f', '-', 'x=y', '-o', 'json'], {
    input: object,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
  });
  const spec = at(parseJson(ran.stdout), 'spec');
  return ran.status === 0 && Array.isArray(spec) ? spec : undefined;
}

const ours = (text: string): unknown => {
  const parsed = parseYaml(`a: ${text}\n`, 'x.yaml');
  return parsed.value === undefined ? 'refused' : at(parsed.value[0]?.value, 'a');
};

// The program is not part of the repository: where it is missing, the table of yaml.test.ts has to do.
describe.skipIf(!hasKubectl)(
  'scalars, beside `kubectl label --local -o json` (skipped where there is no kubectl)',
  () => {
    it('are read alike', () => {
      const texts = [...new Set([...written, ...generated])].filter(isPlain);
      // What kubectl refuses would take the whole object along: those are asked one by one and must be refused here too.
      const readable = texts.filter((text) => ours(text) !== 'refused');
      const refused = texts.filter((text) => ours(text) === 'refused');
      const theirs = kubectl(readable);
      expect(theirs?.length).toBe(readable.length);
      const differences = readable.flatMap((text, index) => {
        const [mine, their] = [ours(text), theirs?.[index]];
        return Object.is(mine, their) || (mine === 0 && their === 0) ? [] : [{ text, mine, their }];
      });
      expect(differences).toEqual([]);
      expect(readable.length).toBeGreaterThan(600);
      // Ours alone refuses integers that JSON readers would round.
      for (const text of refused) expect(text).toMatch(/^[-+]?(\.(inf|nan)|[0-9a-fA-FxXoObB_]{10,})/);
    });

    it('are text when quoted', () => {
      const quoted = written.map((text) => `"${text}"`);
      expect(kubectl(quoted)).toEqual(quoted.map(ours));
    });
  },
);
