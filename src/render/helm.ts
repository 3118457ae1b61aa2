import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  isClean,
  isObject,
  problem,
  stringAt,
  warning,
  type Diagnostic,
  type JsonObject,
} from '../lib/index.ts';
import { refOf, titleOf } from '../objects/index.ts';
import { fileOf, type Ground } from '../spec/index.ts';
import { chartMistakes } from './chart.ts';
import { cookWithTool } from './cooking.ts';
import { firstLine, inputsBelow } from './inputs.ts';
import { refused, type Bench, type ChartOrder, type Objects } from './order.ts';
import { readManifests } from './plain.ts';
import type { RenderedObject } from './rendered.ts';

/** Renders a chart of the repository for one cluster: its version, its namespace, and the kinds that its CRDs add. */
export async function cookChart(order: ChartOrder, bench: Bench): Promise<Objects> {
  const { helm, cluster, namespace, apiVersions } = order;
  const { ground } = bench;
  if (helm.chart.includes('://')) return refused(problem('TRY-RENDER-003', order.at, { source: helm.chart }));
  const chart = path.posix.join(order.folder, helm.chart);
  const files = inputsBelow(ground, [chart]);
  const known = [...files.diagnostics, ...chartMistakes(ground, chart, files.files)];
  if (!isClean(known)) return refused(...known);
  const release = helm.release ?? ('addon' in order.owner ? order.owner.addon : (order.owner.app ?? ''));
  const values = layered(helm.values ?? {}, order.values);
  const flags = [
    ...(cluster.version === undefined ? [] : ['--kube-version', `${cluster.version}.0`]),
    ...apiVersions.flatMap((one) => ['--api-versions', one]),
  ];
  const cooked = await cookWithTool(
    {
      tool: 'helm',
      inputs: [chart, files.files, values, release, namespace, cluster.version ?? '', apiVersions],
      prepare: async (home) => {
        const file = path.join(home, 'values.yaml');
        await writeFile(file, JSON.stringify(values), { mode: 0o600 });
        // Behind `--` nothing that a document says can be a flag: a post-renderer would be a program.
        const named = ['--', release, fileOf(ground, chart)];
        return ['template', '--namespace', namespace, '--include-crds', '--values', file, ...flags, ...named];
      },
      read: (output) => read(output, ground, chart),
      complaint,
    },
    order,
    bench,
  );
  const diagnostics = [...known, ...cooked.diagnostics];
  return cooked.value === undefined
    ? { value: undefined, diagnostics }
    : withoutHooks(cooked.value, diagnostics);
}

/** Values over values, as Helm lays them: mappings merge, everything else replaces; null reaches Helm, which removes. */
function layered(base: JsonObject, over: JsonObject): JsonObject {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = result[key];
    result[key] = isObject(below) && isObject(value) ? layered(below, value) : value;
  }
  return result;
}

/** Each document of the output begins with the template that made it. */
function read(output: string, ground: Ground, chart: string): Objects {
  const objects: RenderedObject[] = [];
  const diagnostics: Diagnostic[] = [];
  let file = path.posix.join(chart, 'Chart.yaml');
  for (const part of output.split(/^---[ \t]*$/m)) {
    const source = /^# Source: [^/\n]+\/(.+)$/m.exec(part)?.[1];
    if (source !== undefined) file = templateFile(ground, chart, source);
    const parsed = readManifests(part, file);
    const from = firstLine(file);
    // Lines of the output are no lines of the template.
    diagnostics.push(...parsed.diagnostics.map((one) => ({ ...one, at: from })));
    objects.push(...(parsed.value ?? []).map(({ object }) => ({ object, from })));
  }
  return { value: isClean(diagnostics) ? objects : undefined, diagnostics };
}

// A packed chart, or a packed chart inside one, is itself the file.
function templateFile(ground: Ground, chart: string, source: string): string {
  const file = path.posix.join(chart, source);
  if (existsSync(fileOf(ground, file))) return file;
  const own = path.posix.join(chart, 'Chart.yaml');
  return existsSync(fileOf(ground, own)) ? own : chart;
}

const hookKey = 'helm.sh/hook';

/** Hooks are steps of an installation, not things that should be: tests are left out silently, others are named. */
function withoutHooks(objects: readonly RenderedObject[], diagnostics: readonly Diagnostic[]): Objects {
  const hookOf = ({ object }: RenderedObject): string | undefined =>
    stringAt(object, 'metadata', 'annotations', hookKey);
  const warnings = objects.flatMap((one) => {
    const hook = hookOf(one);
    if (hook === undefined || /^test(-success|-failure)?$/.test(hook)) return [];
    return [warning('TRY-RENDER-006', one.from, { object: titleOf(refOf(one.object)), hook })];
  });
  return {
    value: objects.filter((one) => hookOf(one) === undefined),
    diagnostics: [...diagnostics, ...warnings],
  };
}

function complaint(said: string): string {
  return said
    .split('\n')
    .map((line) => line.replace(/^Error: /, '').trim())
    .filter((line) => line !== '' && !line.startsWith('Use --debug') && !/^(WARNING|level=|time=)/.test(line))
    .slice(0, 2)
    .join(' ');
}
