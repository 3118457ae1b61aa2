import { describe, expect, it } from 'vitest';
import { readPolicies } from './reading.ts';

const rules =
  '{runAsUser: {rule: RunAsAny}, seLinux: {rule: RunAsAny}, supplementalGroups: {rule: RunAsAny}, fsGroup: {rule: RunAsAny}}';
const one = (name: string): string =>
  `apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: ${name}}\nspec: ${rules}\n`;
const read = (text: string, file = 'psp.yaml') => readPolicies([{ file, text }]);
const names = (text: string, file?: string) => read(text, file).value?.policies.map(({ name }) => name);
const told = (text: string, file?: string) =>
  read(text, file).diagnostics.map(({ code, at }) => `${code} ${at.line}`);

describe('reading policies', () => {
  it('takes documents, lists, JSON and rows', () => {
    expect(names(`${one('a')}---\n${one('b')}`)).toEqual(['a', 'b']);
    const json = (name: string) =>
      `{"apiVersion": "extensions/v1beta1", "kind": "PodSecurityPolicy", "metadata": {"name": "${name}"}, "spec": {"runAsUser": {"rule": "RunAsAny"}, "seLinux": {"rule": "RunAsAny"}, "supplementalGroups": {"rule": "RunAsAny"}, "fsGroup": {"rule": "RunAsAny"}}}`;
    expect(names(`{"kind": "List", "items": [${json('a')}, ${json('b')}]}`)).toEqual(['a', 'b']);
    const bare = json('a').replace(/"apiVersion.*?"metadata/, '"metadata');
    const typed = '"apiVersion": "policy/v1beta1", "kind": "PodSecurityPolicyList"';
    expect(names(`{${typed}, "items": [${bare}]}`)).toEqual(['a']);
    const rows = `{"path": "x", "object": ${json('a')}}\n{"path": "y", "object": ${json('b')}}\n`;
    expect(names(rows, 'rows.jsonl')).toEqual(['a', 'b']);
    expect(names(rows, 'stdin')).toEqual(['a', 'b']);
  });

  it('tells plain text, lists, and a version that was never served', () => {
    expect(told(`${one('a')}---\nError from server\n---\n- one\n---\n`)).toEqual([
      'TRY-PSP-013 6',
      'TRY-PSP-013 8',
    ]);
    expect(told('Error from server\n')).toEqual(['TRY-PSP-004 1', 'TRY-PSP-013 1']);
    const newer = one('a').replace('v1beta1', 'v1');
    expect(names(newer)).toEqual(['a']);
    expect(told(newer)).toEqual(['TRY-PSP-014 1']);
  });

  it('says the same policy once', () => {
    expect(names(`${one('a')}---\n${one('a')}`)).toEqual(['a']);
  });

  it('reads a field that is null as one that is not there', () => {
    expect(names(one('a').replace('spec: {', 'spec: {hostPorts: null, '))).toEqual(['a']);
  });

  it('reads ports as far as there are some, and no ranges of users that are upside down', () => {
    const ports = one('a').replace(
      'spec: {',
      'spec: {hostPorts: [{min: 9, max: 1}, {min: 80, max: 70000}], ',
    );
    expect(read(ports).value?.policies[0]?.hostPorts).toEqual([{ min: 80, max: 65_535 }]);
    const users = '{rule: MustRunAs, ranges: [{min: 9, max: 1}]}';
    expect(told(one('a').replace('{rule: RunAsAny}', users))).toEqual(['TRY-PSP-001 4']);
  });

  it('tells every mistake with its place', () => {
    const bad = `${one('a').replace('spec: {', 'spec: {privileged: perhaps, volumes: all, ')}---\n${one('b').replace('RunAsAny', 'MustRunAs')}`;
    expect(read(bad).value).toBeUndefined();
    expect(told(bad)).toEqual(['TRY-PSP-001 4', 'TRY-PSP-001 4', 'TRY-PSP-001 9']);
  });

  it('tells what is wrong of the rest too, whatever is wrong of some', () => {
    const bad = `apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata:
  name: Bad_Name
spec:
  privileged: perhaps
  volumes: [emptyDir, foo, '*']
  hostPorts: [{min: 10, max: 1}, {min: 1, max: 10}]
  runAsUser: {rule: MustRunAs}
  seLinux: {rule: Nope}
  supplementalGroups: {rule: MustRunAs, ranges: [{min: 9, max: 1}]}
  fsGroup: {rule: MayRunAs, ranges: []}
`;
    expect(told(bad)).toEqual([
      'TRY-PSP-001 4',
      'TRY-PSP-001 6',
      'TRY-PSP-009 7',
      'TRY-PSP-011 8',
      'TRY-PSP-001 9',
      'TRY-PSP-001 10',
      'TRY-PSP-001 11',
      'TRY-PSP-001 12',
    ]);
    const { diagnostics } = read(bad);
    expect(diagnostics[2]?.args).toMatchObject({ found: 'foo' });
  });

  it('takes every kind of volumes that policies had', () => {
    expect(
      told(one('a').replace('spec: {', "spec: {volumes: [cephFS, scaleIO, hostPath, ephemeral, '*'], ")),
    ).toEqual([]);
  });

  it('counts the lines of rows', () => {
    const row =
      '{"object": {"apiVersion": "policy/v1beta1", "kind": "PodSecurityPolicy", "metadata": {"name": "a"}, "spec": {"privileged": 1}}}';
    expect(told(`\n\n${row}\n`, 'rows.jsonl')).toEqual(['TRY-PSP-001 3']);
    expect(told('\n{\n', 'rows.jsonl')).toEqual(['TRY-YAML-001 2']);
  });

  it('warns of patches and of fields that there are not', () => {
    const patch = one('a').replace(rules, '{hostnetwork: true}');
    expect(told(patch)).toEqual(['TRY-PSP-002 3', 'TRY-PSP-005 4']);
    expect(names(patch)).toEqual(['a']);
  });

  it('warns of capabilities that are written in another way, and of words that are none', () => {
    const words =
      "requiredDropCapabilities: [all, ALL, CAP_ALL], allowedCapabilities: [CAP_NET_ADMIN, '*', sys_time, NONE]";
    const { diagnostics } = read(one('a').replace('spec: {', `spec: {${words}, `));
    expect(diagnostics.map(({ code, args }) => [code, args['found'], args['named']])).toEqual([
      ['TRY-PSP-007', 'all', 'ALL'],
      ['TRY-PSP-008', 'CAP_ALL', undefined],
      ['TRY-PSP-007', 'CAP_NET_ADMIN', 'NET_ADMIN'],
      ['TRY-PSP-007', 'sys_time', 'SYS_TIME'],
      ['TRY-PSP-008', 'NONE', undefined],
    ]);
  });

  it('warns of what no API server took, with its place', () => {
    const words =
      '\n  volumes: [weird, configmap, "*", none, secret],\n  requiredDropCapabilities: [KILL, NET_RAW],\n  allowedCapabilities: [CHOWN, KILL],\n  defaultAddCapabilities: [NET_RAW], ';
    const { value, diagnostics } = read(one('a').replace('spec: {', `spec: {${words}`));
    expect(value?.policies).toHaveLength(1);
    expect(
      diagnostics.map(({ code, at, args }) => [code, at.line, args['found'], args['suggestion']]),
    ).toEqual([
      ['TRY-PSP-009', 5, 'weird', ''],
      ['TRY-PSP-009', 5, 'configmap', 'configMap'],
      ['TRY-PSP-010', 7, 'KILL', undefined],
      ['TRY-PSP-010', 8, 'NET_RAW', undefined],
    ]);
  });

  it('refuses input without a policy', () => {
    expect(told('kind: ConfigMap\n')).toEqual(['TRY-PSP-004 1']);
    expect(told('')).toEqual(['TRY-PSP-004 1']);
  });
});
