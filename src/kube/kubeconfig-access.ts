import { dirname, resolve, sep } from 'node:path';
import {
  at,
  booleanAt,
  isObject,
  isString,
  listAt,
  nearest,
  objectAt,
  stringAt,
  stringsAt,
} from '../lib/index.ts';
import type { ClusterAccess, ExecPlugin, Impersonation } from './access.ts';
import { kubeconfigFailure, type Kubeconfig, type KubeconfigEntry } from './kubeconfig.ts';

/** The access of a context, the current one unless it is named. Throws TORYO_KUBECONFIG naming file and field. */
export function accessOf(config: Kubeconfig, context?: string): ClusterAccess {
  const name = context ?? config.currentContext;
  if (name === undefined) throw kubeconfigFailure(config.files.join(', '), 'current-context is not set');
  const chosen = entryOf(config, 'contexts', name, context === undefined ? 'current-context' : 'context');
  const cluster = namedBy(config, chosen, 'cluster');
  const user = namedBy(config, chosen, 'user');
  const namespace = filled(chosen, 'namespace');
  return {
    name,
    ...clusterPart(cluster),
    ...userPart(user, cluster),
    ...(namespace !== undefined && { namespace }),
  };
}

function entryOf(
  config: Kubeconfig,
  section: 'contexts' | 'clusters' | 'users',
  name: string,
  asked: string,
): KubeconfigEntry {
  const found = config[section].get(name);
  if (found !== undefined) return found;
  const files = config.files.join(', ');
  const all = [...config[section].keys()];
  const near = nearest(name, all);
  const has = all.length === 0 ? 'it has none' : `it has ${all.join(', ')}`;
  const hint = near === undefined ? has : `${has}; did you mean ${near}?`;
  throw kubeconfigFailure(
    files,
    `${asked}: there is no ${section.slice(0, -1)} ${JSON.stringify(name)}; ${hint}`,
  );
}

function namedBy(config: Kubeconfig, context: KubeconfigEntry, field: 'cluster' | 'user'): KubeconfigEntry {
  const name = filled(context, field);
  // A context without a user is anonymous.
  if (name === undefined && field === 'user')
    return { ...context, path: `${context.path}.user`, fields: {}, texts: new Map() };
  if (name === undefined) throw wrong(context, field, 'it is missing');
  return entryOf(config, field === 'cluster' ? 'clusters' : 'users', name, `${context.path}.${field}`);
}

function clusterPart(cluster: KubeconfigEntry): Omit<ClusterAccess, 'name'> {
  const server = filled(cluster, 'server');
  if (server === undefined) throw wrong(cluster, 'server', 'it is missing');
  if (!URL.canParse(server) || !/^https?:/.test(server))
    throw wrong(cluster, 'server', `${server} is no http(s) address`);
  const ca = pem(cluster, 'certificate-authority');
  const insecure = booleanAt(cluster.fields, 'insecure-skip-tls-verify') === true;
  if (insecure && ca !== undefined)
    throw wrong(cluster, 'insecure-skip-tls-verify', 'it makes no sense beside a certificate authority');
  const tlsServerName = filled(cluster, 'tls-server-name');
  const proxyUrl = proxyOf(cluster);
  return {
    server,
    ...(ca !== undefined && { ca }),
    ...(insecure && { insecure }),
    ...(tlsServerName !== undefined && { tlsServerName }),
    ...(proxyUrl !== undefined && { proxyUrl }),
  };
}

function proxyOf(cluster: KubeconfigEntry): string | undefined {
  const proxy = filled(cluster, 'proxy-url');
  if (proxy === undefined) return undefined;
  if (URL.canParse(proxy) && /^(https?|socks5):$/.test(new URL(proxy).protocol)) return proxy;
  throw wrong(cluster, 'proxy-url', `${proxy} is no http, https or socks5 address`);
}

function userPart(user: KubeconfigEntry, cluster: KubeconfigEntry): Partial<ClusterAccess> {
  const provider = stringAt(user.fields, 'auth-provider', 'name');
  if (provider !== undefined)
    throw wrong(user, 'auth-provider', `${provider}: such providers are gone, use an exec plugin`);
  const certificate = pem(user, 'client-certificate');
  const key = pem(user, 'client-key');
  if ((certificate === undefined) !== (key === undefined))
    throw wrong(
      user,
      key === undefined ? 'client-key' : 'client-certificate',
      'it is missing beside the other',
    );
  const tokenFile = filled(user, 'tokenFile');
  const exec = execOf(user, cluster);
  const as = impersonationOf(user);
  return {
    ...(certificate !== undefined && key !== undefined && { certificate, key }),
    ...text('token', filled(user, 'token')),
    ...text('tokenFile', tokenFile === undefined ? undefined : resolve(dirname(user.file), tokenFile)),
    ...text('username', filled(user, 'username')),
    ...text('password', filled(user, 'password')),
    ...(exec !== undefined && { exec }),
    ...(as !== undefined && { as }),
  };
}

function text<K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> {
  const fields: Partial<Record<K, string>> = {};
  if (value !== undefined) fields[key] = value;
  return fields;
}

function impersonationOf(user: KubeconfigEntry): Impersonation | undefined {
  const name = filled(user, 'as');
  const groups = listAt(user.fields, 'as-groups').filter(isString);
  const uid = filled(user, 'as-uid');
  const extra = Object.entries(objectAt(user.fields, 'as-user-extra'));
  if (name === undefined) {
    if (groups.length === 0 && uid === undefined && extra.length === 0) return undefined;
    throw wrong(user, 'as', 'it is missing beside as-groups, as-uid or as-user-extra');
  }
  return {
    user: name,
    ...(groups.length > 0 && { groups }),
    ...(uid !== undefined && { uid }),
    ...(extra.length > 0 && {
      extra: Object.fromEntries(extra.map(([key, values]) => [key, listAt(values).filter(isString)])),
    }),
  };
}

const apiVersions = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];

function execOf(user: KubeconfigEntry, cluster: KubeconfigEntry): ExecPlugin | undefined {
  const exec = user.fields['exec'];
  if (!isObject(exec)) return undefined;
  const apiVersion = stringAt(exec, 'apiVersion') ?? '(none)';
  if (!apiVersions.includes(apiVersion))
    throw wrong(user, 'exec.apiVersion', `${apiVersion} is none of ${apiVersions.join(', ')}`);
  const command = stringAt(exec, 'command') ?? '';
  if (command === '') throw wrong(user, 'exec.command', 'it is missing');
  const installHint = stringAt(exec, 'installHint');
  const config = configOf(cluster);
  return {
    apiVersion,
    // With a separator it is a path beside the kubeconfig, without one it is looked up in PATH.
    command: command.includes(sep) ? resolve(dirname(user.file), command) : command,
    args: listAt(exec, 'args').filter(isString),
    env: Object.fromEntries(
      listAt(exec, 'env').map((pair) => [stringAt(pair, 'name') ?? '', stringAt(pair, 'value') ?? '']),
    ),
    interactiveMode: interactiveModeOf(user, apiVersion),
    provideClusterInfo: booleanAt(exec, 'provideClusterInfo') === true,
    ...(config !== undefined && { config }),
    ...(installHint !== undefined && { installHint: installHint.trim() }),
  };
}

function interactiveModeOf(user: KubeconfigEntry, apiVersion: string): ExecPlugin['interactiveMode'] {
  const mode = stringAt(user.fields, 'exec', 'interactiveMode');
  if (mode === 'Never' || mode === 'IfAvailable' || mode === 'Always') return mode;
  if (mode === undefined && apiVersion.endsWith('v1beta1')) return 'IfAvailable';
  const why = mode === undefined ? `${apiVersion} needs it` : `${mode} is none of Never, IfAvailable, Always`;
  throw wrong(user, 'exec.interactiveMode', why);
}

function configOf(cluster: KubeconfigEntry): unknown {
  const extensions = listAt(cluster.fields, 'extensions');
  const found = extensions.find((each) => stringsAt(each)['name'] === 'client.authentication.k8s.io/exec');
  return at(found, 'extension');
}

// The embedded form, or the text of the file that the field names.
function pem(entry: KubeconfigEntry, field: string): string | undefined {
  const data = stringAt(entry.fields, `${field}-data`);
  if (data !== undefined && data !== '') {
    const decoded = Buffer.from(data, 'base64').toString('utf8');
    if (decoded.includes('-----BEGIN ')) return decoded;
    throw wrong(entry, `${field}-data`, 'it is no base64 of PEM');
  }
  const named = entry.texts.get(field);
  if (named === undefined) return undefined;
  if (named.is === 'unknown') throw wrong(entry, field, named.why);
  if (named.value.includes('-----BEGIN ')) return named.value;
  throw wrong(entry, field, 'the file is no PEM');
}

function filled(entry: KubeconfigEntry, field: string): string | undefined {
  const value = stringAt(entry.fields, field);
  return value === '' ? undefined : value;
}

function wrong(entry: KubeconfigEntry, field: string, why: string): Error {
  return kubeconfigFailure(entry.file, `${entry.path}.${field}: ${why}`);
}
