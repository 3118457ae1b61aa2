import { readFileSync } from 'node:fs';
import { problem, type Checked, type Diagnostic, type Origin } from '../lib/index.ts';
import type { SourceDocument } from './document.ts';
import type { ApproverKeys } from './fleet.ts';
import { repositoryFile, type Ground } from './mounts.ts';
import type { FleetSpec } from './schema/index.ts';

const keyTypes: ReadonlySet<string> = new Set([
  'ssh-ed25519',
  'ssh-rsa',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
]);

/** Reads the keys of each environment's approvers. */
export function readApprovers(
  spec: FleetSpec,
  document: SourceDocument,
  ground: Ground,
): { readonly keys: ReadonlyMap<string, ApproverKeys>; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const all = new Map<string, ApproverKeys>();
  for (const [index, { name, approvers }] of spec.environments.entries()) {
    if (approvers === undefined) continue;
    const base = ['spec', 'environments', index, 'approvers'];
    const read = approvers.keys.map((file, position) =>
      readKeys(file, ground, document.locate([...base, 'keys', position])),
    );
    const found = read.flatMap((one) => one.diagnostics);
    diagnostics.push(...found);
    const keys = onceEach(read.flatMap((one) => one.value ?? []));
    all.set(name, { keys, atLeast: approvers.atLeast });
    // Files that cannot be read may hold the keys that are missing.
    if (found.length > 0 || keys.length >= approvers.atLeast) continue;
    const count = keys.length === 1 ? 'is 1 key' : `are ${keys.length} keys`;
    const why = `${approvers.atLeast} of the approvers of ${name} must approve, and there ${count}`;
    diagnostics.push(problem('TRY-SPEC-045', document.locate([...base, 'atLeast']), { why }));
  }
  return { keys: all, diagnostics };
}

function readKeys(file: string, ground: Ground, at: Origin): Checked<readonly string[]> {
  const failed = (why: string): Checked<readonly string[]> => ({
    value: undefined,
    diagnostics: [problem('TRY-SPEC-045', at, { why })],
  });
  const found = repositoryFile(ground, file);
  if (found === 'missing') return failed(`there is no file ${file}`);
  if (found === 'outside') return failed(`${file} leads out of the repository`);
  const text = contentOf(found.absolute);
  if (text === undefined) return failed(`${file} cannot be read`);
  if (text.includes('PRIVATE KEY-----'))
    return failed(`${file} is a private key: remove it from Git, and stop using it`);
  const lines = text
    .split(/\r?\n/)
    .map((line, index) => ({ text: line.trim(), number: index + 1 }))
    .filter((line) => line.text !== '' && !line.text.startsWith('#'));
  if (lines.length === 0) return failed(`${file} holds no SSH public key`);
  const wrong = lines.find((line) => !isPublicKey(line.text));
  if (wrong !== undefined) return failed(`line ${wrong.number} of ${file} is no SSH public key`);
  return { value: lines.map((line) => line.text), diagnostics: [] };
}

function contentOf(absolute: string): string | undefined {
  try {
    return readFileSync(absolute, 'utf8');
  } catch {
    return undefined;
  }
}

/** `TYPE BASE64 [comment]`; the decoded key begins with its type again (RFC 4253, section 6.6). */
function isPublicKey(line: string): boolean {
  const [type = '', encoded = ''] = line.split(/\s+/);
  if (!keyTypes.has(type) || !/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return false;
  const blob = Buffer.from(encoded, 'base64');
  const length = blob.length < 4 ? 0 : blob.readUInt32BE(0);
  return (
    length === type.length && blob.toString('latin1', 4, 4 + length) === type && blob.length > 4 + length
  );
}

/** One owner of two files approves once. */
function onceEach(lines: readonly string[]): readonly string[] {
  const byKey = new Map<string, string>();
  for (const line of lines) {
    const key = line.split(/\s+/, 2).join(' ');
    if (!byKey.has(key)) byKey.set(key, line);
  }
  return [...byKey.values()];
}
