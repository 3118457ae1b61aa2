import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The files of one cluster, all below its folder. */
export interface ClusterFolder {
  readonly root: string;
  readonly logs: string;
  readonly pki: string;
  readonly etcd: string;
  /** The admin's kubeconfig. */
  readonly kubeconfig: string;
  file(name: string): string;
  log(component: string): string;
}

/** Names the files of the cluster in that folder. */
export function folderAt(root: string): ClusterFolder {
  return {
    root,
    logs: join(root, 'logs'),
    pki: join(root, 'pki'),
    etcd: join(root, 'etcd'),
    kubeconfig: join(root, 'kubeconfig'),
    file: (name) => join(root, name),
    log: (component) => join(root, 'logs', `${component}.log`),
  };
}

/** Makes the folders, readable by their owner only. */
export async function makeFolder(folder: ClusterFolder): Promise<void> {
  for (const path of [folder.root, folder.logs, folder.pki, folder.etcd])
    await mkdir(path, { recursive: true, mode: 0o700 });
}

/** Writes a file that readers see whole or not at all; only its owner may read it. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.part`;
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, path);
}

/** The file's text; undefined when there is none. */
export async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
