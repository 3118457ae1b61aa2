import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { isClean, listAt, parseYaml, problem, stringAt, warning, type Diagnostic } from '../lib/index.ts';
import { fileOf, type Ground } from '../spec/index.ts';
import type { Input } from './inputs.ts';

// Sprig and Helm functions whose answer differs from call to call, or that ask a cluster which is not there.
const unsteady =
  /\b(rand(?:Alpha|AlphaNum|Ascii|Bytes|Int|Numeric)|uuidv4|now|shuffle|gen(?:CA|CAWithKey|PrivateKey|SelfSignedCert|SelfSignedCertWithKey|SignedCert|SignedCertWithKey)|htpasswd|bcrypt|derivePassword|lookup)\b/g;

/** Mistakes in a chart's own folder that are known before the tool starts. */
export function chartMistakes(ground: Ground, chart: string, files: readonly Input[]): readonly Diagnostic[] {
  if (!statSync(fileOf(ground, chart)).isDirectory()) return [];
  return [...missingDependencies(ground, chart), ...unsteadyTemplates(ground, files)];
}

/** Dependencies that Helm would want from the network: those that are not in charts/. */
function missingDependencies(ground: Ground, chart: string): readonly Diagnostic[] {
  const file = path.posix.join(chart, 'Chart.yaml');
  if (!existsSync(fileOf(ground, file))) return [];
  const parsed = parseYaml(readFileSync(fileOf(ground, file), 'utf8'), file);
  const document = parsed.value?.[0];
  if (document === undefined || !isClean(parsed.diagnostics)) return parsed.diagnostics;
  const vendored = vendoredCharts(fileOf(ground, path.posix.join(chart, 'charts')));
  return listAt(document.value, 'dependencies').flatMap((dependency, index) => {
    const name = stringAt(dependency, 'name') ?? '';
    const repository = stringAt(dependency, 'repository') ?? '';
    const isThere = vendored.some((one) => one === name || one.startsWith(`${name}-`));
    if (isThere || !/^(https?|oci):\/\/|^(@|alias:)/.test(repository)) return [];
    const what = `dependency ${name} (${repository}), which is not in charts/,`;
    return [problem('TRY-RENDER-005', document.locate(['dependencies', index, 'repository']), { what })];
  });
}

function vendoredCharts(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function unsteadyTemplates(ground: Ground, files: readonly Input[]): readonly Diagnostic[] {
  return files
    .filter(({ file }) => file.includes('/templates/') && /\.(ya?ml|tpl)$/.test(file))
    .flatMap(({ file }) => unsteadyLines(readFileSync(fileOf(ground, file), 'utf8'), file));
}

function unsteadyLines(text: string, file: string): readonly Diagnostic[] {
  return text.split('\n').flatMap((line, index) => {
    const actions = [...line.matchAll(/\{\{(.*?)(?:\}\}|$)/g)].map((match) =>
      (match[1] ?? '').replaceAll(/"[^"]*"/g, '').replace(/\/\*.*/, ''),
    );
    const words = actions.flatMap((action) => [...action.matchAll(unsteady)].map((match) => match[0]));
    if (words.length === 0) return [];
    const at = { file, line: index + 1, column: 1, path: '' };
    return [warning('TRY-RENDER-007', at, { what: [...new Set(words)].join(', ') })];
  });
}
