import { createHash } from 'node:crypto';

/** An SSH public key that a signature may be of. */
export interface PublicKey {
  /** `ssh-ed25519`, `ssh-rsa`, … */
  readonly type: string;
  /** The key as OpenSSH writes it: base64 of its wire format (RFC 4253, section 6.6). */
  readonly base64: string;
  /** `SHA256:…` as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  /** What stands behind the key, often its owner's e-mail address. */
  readonly comment: string;
}

/** Why something is no public key that Toryo takes. */
export interface NoKey {
  readonly why: string;
}

/** Each type that Toryo takes, and how many fields its wire format has after the type. */
const fieldCounts: Readonly<Record<string, number>> = {
  'ssh-ed25519': 1,
  'ecdsa-sha2-nistp256': 2,
  'ecdsa-sha2-nistp384': 2,
  'ecdsa-sha2-nistp521': 2,
  'ssh-rsa': 2,
  'sk-ssh-ed25519@openssh.com': 2,
  'sk-ecdsa-sha2-nistp256@openssh.com': 3,
};

const fewestRsaBits = 2048;
const certificate = '-cert-v01@openssh.com';
const taken = 'take an ed25519, ecdsa, sk- or rsa key of at least 2048 bits';

/** The key of a .pub file: one line `TYPE BASE64 COMMENT`; or why it is none. */
export function publicKeyFrom(text: string): PublicKey | NoKey {
  if (text.includes('PRIVATE KEY-')) return { why: 'it is a private key: name the .pub file beside it' };
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  if (lines.length === 0) return { why: 'it is empty' };
  if (lines.length > 1) return { why: 'it holds more than one key: give each key a file of its own' };
  return keyOfLine(lines[0] ?? '');
}

function keyOfLine(line: string): PublicKey | NoKey {
  const [, type = '', base64 = '', comment = ''] =
    /^(\S+)[ \t]+(\S+)(?:[ \t]+(.*\S))?[ \t]*$/.exec(line) ?? [];
  const blob = Buffer.from(base64, 'base64');
  // Buffer passes over what is not base64; ssh-keygen may read such a line otherwise.
  if (blob.length === 0 || blob.toString('base64') !== base64)
    return { why: 'it is not a line TYPE BASE64 COMMENT as ssh-keygen writes it' };
  if (type.endsWith(certificate)) return { why: `it is a certificate: name the key itself; ${taken}` };
  return keyIn(blob, type, comment);
}

/**
 * The key that an armored SSH signature says it was made with (OpenSSH PROTOCOL.sshsig); of a certificate the key inside. The
 * signature is not verified.
 */
export function claimedKeyOf(signature: string): PublicKey | NoKey {
  const [, body = ''] = /^-+BEGIN SSH SIGNATURE-+\s([\s\S]*?)-+END SSH SIGNATURE-+\s*$/.exec(signature) ?? [];
  const bytes = Buffer.from(body, 'base64');
  const head = 'SSHSIG'.length + 4;
  const blob = bytes.toString('latin1', 0, head - 4) === 'SSHSIG' ? fieldAt(bytes, head) : undefined;
  if (blob === undefined) return { why: 'it is no SSH signature' };
  const type = fieldAt(blob, 0)?.toString('latin1') ?? '';
  if (!type.endsWith(certificate)) return keyIn(blob, type, '');
  const plain = type.slice(0, -certificate.length) + (type.startsWith('sk-') ? '@openssh.com' : '');
  const [, , ...fields] = fieldsOf(blob);
  const key = [Buffer.from(plain), ...fields.slice(0, fieldCounts[plain] ?? 0)];
  return keyIn(Buffer.concat(key.flatMap((field) => [lengthOf(field), field])), plain, '');
}

function keyIn(blob: Buffer, type: string, comment: string): PublicKey | NoKey {
  const fields = fieldsOf(blob);
  const count = fieldCounts[type];
  if (count === undefined) return { why: `it is of type ${type === '' ? 'unknown' : type}: ${taken}` };
  const size = fields.reduce((sum, field) => sum + 4 + field.length, 0);
  if (fields[0]?.toString('latin1') !== type || fields.length !== count + 1 || size !== blob.length)
    return { why: `it is damaged: what it holds is no ${type} key` };
  const bits = bitsOf(fields[2] ?? Buffer.alloc(0));
  if (type === 'ssh-rsa' && bits < fewestRsaBits) return { why: `it has only ${bits} bits: ${taken}` };
  const digest = createHash('sha256').update(blob).digest('base64').replaceAll('=', '');
  return { type, base64: blob.toString('base64'), fingerprint: `SHA256:${digest}`, comment };
}

/** Fields one after the other, each a length of four bytes and that many bytes; what does not fit ends the list. */
function fieldsOf(blob: Buffer): readonly Buffer[] {
  const fields: Buffer[] = [];
  for (let offset = 0; ;) {
    const field = fieldAt(blob, offset);
    if (field === undefined) return fields;
    fields.push(field);
    offset += 4 + field.length;
  }
}

function fieldAt(blob: Buffer, offset: number): Buffer | undefined {
  if (offset + 4 > blob.length) return undefined;
  const end = offset + 4 + blob.readUInt32BE(offset);
  return end > blob.length ? undefined : blob.subarray(offset + 4, end);
}

function lengthOf(field: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(field.length);
  return length;
}

/** Bits of a whole number without its leading zeros. */
function bitsOf(number: Buffer): number {
  const hex = number.toString('hex').replace(/^0+/, '');
  return hex === '' ? 0 : (hex.length - 1) * 4 + Number.parseInt(hex[0] ?? '0', 16).toString(2).length;
}
