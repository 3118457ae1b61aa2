import { afterAll, describe, expect, it } from 'vitest';
import { aFleet, removeFleets, shown } from './testing/fleet.ts';

afterAll(removeFleets);

/** Code, column and sentence of what is told of a profile with these fields. */
async function toldOf(fields: string): Promise<readonly string[]> {
  const text = `kind: SecurityProfile\nmetadata: { name: own }\nspec: { ${fields} }\n`;
  const { diagnostics } = await aFleet().with('profiles/own.yaml', text).load();
  return shown(diagnostics.filter((one) => one.at.file === 'profiles/own.yaml')).map((line) =>
    line.replace(' profiles/own.yaml:3:', ' '),
  );
}

const place = /^(TRY-SPEC-\d{3}) \d+ /;

describe('words of a profile', () => {
  it.each([
    [
      'allowedCapabilities: [CAP_NET_ADMIN]',
      'TRY-SPEC-048 "CAP_NET_ADMIN" is no capability, did you mean "NET_ADMIN"?',
    ],
    [
      'allowedCapabilities: [net_admin]',
      'TRY-SPEC-048 "net_admin" is no capability, did you mean "NET_ADMIN"?',
    ],
    [
      'allowedCapabilities: [NET_ADMN]',
      'TRY-SPEC-049 this version knows no capability "NET_ADMN", did you mean "NET_ADMIN"?',
    ],
    ['requiredDropCapabilities: [FOO]', 'TRY-SPEC-049 this version knows no capability "FOO"'],
    ['volumes: [configmap]', 'TRY-SPEC-048 "configmap" is no kind of volumes, did you mean "configMap"?'],
    ['volumes: [foo]', 'TRY-SPEC-049 this version knows no kind of volumes "foo"'],
    ['volumes: [""]', 'TRY-SPEC-048 "" is no kind of volumes'],
    [
      'seccomp: [runtimedefault]',
      'TRY-SPEC-005 "runtimedefault" is not one of RuntimeDefault, Localhost, Localhost/FILE, Unconfined, Unset, *, did you mean "RuntimeDefault"?',
    ],
    [
      'appArmor: [foo]',
      'TRY-SPEC-005 "foo" is not one of RuntimeDefault, Localhost, Localhost/NAME, Unconfined, *',
    ],
    [
      'allowedProcMountTypes: [unmasked]',
      'TRY-SPEC-005 "unmasked" is not one of Default, Unmasked, *, did you mean "Unmasked"?',
    ],
    ['hostPorts: [{ min: 1, max: 90000 }]', 'TRY-SPEC-009 at most 65535 wanted'],
    ['hostPorts: [{ min: 9, max: 1 }]', 'TRY-SPEC-009 min is larger than max'],
    [
      'allowedHostPaths: [relative]',
      'TRY-SPEC-007 "relative" is not an absolute path without `..` such as /var/log',
    ],
    [
      'allowedHostPaths: [{ pathPrefix: /etc/../root }]',
      'TRY-SPEC-007 "/etc/../root" is not an absolute path without `..` such as /var/log',
    ],
    [
      'images: { registries: ["https://x.y/"] }',
      'TRY-SPEC-007 "https://x.y/" is not the beginning of an image’s name, without a scheme, such as registry.example.com/',
    ],
    [
      'images: { registries: [""] }',
      'TRY-SPEC-007 "" is not the beginning of an image’s name, without a scheme, such as registry.example.com/',
    ],
    ['runAsUser: { rule: MustRunAs }', 'TRY-SPEC-009 runAsUser is MustRunAs and has no ranges'],
    ['fsGroup: { rule: MustRunAs, ranges: [] }', 'TRY-SPEC-009 fsGroup is MustRunAs and has no ranges'],
    ['fsGroup: { rule: MayRunAs }', 'TRY-SPEC-009 fsGroup is MayRunAs and has no ranges'],
    ['fill: [runAsUser]', 'TRY-SPEC-009 fill names runAsUser, and runAsUser has no ranges'],
    [
      'waivable: { rules: [TRY-SEC-012], atMost: 0d }',
      'TRY-SPEC-007 "0d" is not a length of time above zero such as 90d',
    ],
    ['waivable: { rules: [all], atMost: 1d }', 'TRY-SPEC-007 "all" is not a rule such as TRY-SEC-012'],
  ])('%s', async (fields, sentence) => {
    expect((await toldOf(fields)).map((line) => line.replace(place, '$1 '))).toEqual([sentence]);
  });

  it('are told all at once, each at its place', async () => {
    expect(
      (await toldOf('allowedCapabilities: [CHOWN, kill], volumes: [secret, Secret], seccomp: [x]')).map(
        (line) => line.slice(0, 15),
      ),
    ).toEqual(['TRY-SPEC-048 38', 'TRY-SPEC-048 63', 'TRY-SPEC-005 82']);
  });

  it.each([
    'allowedCapabilities: ["*"], requiredDropCapabilities: [ALL, BPF], volumes: ["*"]',
    'volumes: [image, flexVolume, gitRepo], allowedHostPaths: [/, /var/..data, { pathPrefix: /a/, readOnly: false }]',
    'seccomp: ["*", Unset, Localhost, Localhost/a/b.json, Unconfined], appArmor: ["*", Localhost/x]',
    'allowedProcMountTypes: ["*"], hostPorts: [{ min: 0, max: 65535 }], images: { registries: ["[::1]:5000/", nginx] }',
    'fsGroup: { rule: MayRunAs, ranges: [] }, runAsUser: { rule: MustRunAsNonRoot, ranges: [{ min: 5, max: 9 }] }, fill: [runAsUser]',
  ])('may be %s', async (fields) => {
    expect(await toldOf(fields)).toEqual([]);
  });
});
