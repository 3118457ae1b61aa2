/** The types that an expression may name. */
const names: ReadonlySet<string> = new Set([
  'bool',
  'int',
  'uint',
  'double',
  'string',
  'bytes',
  'list',
  'map',
  'null_type',
  'type',
  'optional_type',
  'google.protobuf.Timestamp',
  'google.protobuf.Duration',
  'net.IP',
  'net.CIDR',
]);

/** True for the name of a type. */
export function isTypeName(name: string): boolean {
  return names.has(name);
}
