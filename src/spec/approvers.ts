import { readFileSync } from 'node:fs';
import { problem, publicKeyFrom, type Checked, type Diagnostic, type Origin } from '../lib/index.ts';
import type { SourceDocument } from './document.ts';
import type { ApproverKeys } from './fleet.ts';
import { repositoryFile, type Ground } from './mounts.ts';
import type { FleetSpec } from './schema/index.ts';

/** Reads the keys of each environment's approvers. */
export function readApprovers(
  spec: FleetSpec,
  document: SourceDocument,
  ground: Ground,
): { readonly keys: ReadonlyMap<string, ApproverKeys>; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const all = new Map<string, ApproverKeys>();
  for (const [index, { name, approvers, protected: isProtected }] of spec.environments.entries()) {
    if (approvers === undefined) {
      const why = `${name} is protected, and nobody may approve a change there: name \`approvers\``;
      const at = document.locate(['spec', 'environments', index, 'protected']);
      if (isProtected) diagnostics.push(problem('TRY-SPEC-045', at, { why }));
      continue;
    }
    const base = ['spec', 'environments', index, 'approvers'];
    const read = approvers.keys.map((file, position) =>
      readKey(file, ground, document.locate([...base, 'keys', position])),
    );
    const found = read.flatMap((one) => one.diagnostics);
    diagnostics.push(...found);
    // One owner of two files approves once.
    const keys = [...new Map(read.flatMap((one) => (one.value === undefined ? [] : [one.value]))).values()];
    all.set(name, { keys, atLeast: approvers.atLeast });
    // Files that cannot be read may hold the keys that are missing.
    if (found.length > 0 || keys.length >= approvers.atLeast) continue;
    const count = keys.length === 1 ? 'is 1 key' : `are ${keys.length} keys`;
    const why = `${approvers.atLeast} of the approvers of ${name} must approve, and there ${count}`;
    diagnostics.push(problem('TRY-SPEC-045', document.locate([...base, 'atLeast']), { why }));
  }
  return { keys: all, diagnostics };
}

/** The key of a file as `[fingerprint, line]`. */
function readKey(file: string, ground: Ground, at: Origin): Checked<readonly [string, string]> {
  const failed = (why: string) => ({ value: undefined, diagnostics: [problem('TRY-SPEC-045', at, { why })] });
  const found = repositoryFile(ground, file);
  if (found === 'missing') return failed(`there is no file ${file}`);
  if (found === 'outside') return failed(`${file} leads out of the repository`);
  const text = contentOf(found.absolute);
  if (text === undefined) return failed(`${file} cannot be read`);
  const key = publicKeyFrom(text);
  if ('why' in key) return failed(`${file}: ${key.why}`);
  const line = `${key.type} ${key.base64} ${key.comment}`.trimEnd();
  return { value: [key.fingerprint, line], diagnostics: [] };
}

function contentOf(absolute: string): string | undefined {
  try {
    return readFileSync(absolute, 'utf8');
  } catch {
    return undefined;
  }
}
