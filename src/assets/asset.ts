import { arch, platform } from 'node:os';

const kubernetes = '1.36.3';

/** What is to be linked and where it is published; `<version>`, `<os>` and `<arch>` are filled in by `releaseOf`. */
export interface Asset {
  readonly version: string;
  /** Folder under assets/ with the pinned go.mod. */
  readonly module: string;
  /** The main package inside that module. */
  readonly main: string;
  readonly ldflags: string;
  /** Arguments that make the program print its version, and the text that must be in its answer. */
  readonly asks: readonly string[];
  readonly answers: RegExp;
  readonly release: Release;
}

/** Where an official release lies and what vouches for it. */
export interface Release {
  readonly url: string;
  readonly checksums: string;
  /** The program's path inside a tar archive; absent when the file is the program itself. */
  readonly entry?: string;
  /** Systems that have no release. */
  readonly except?: readonly string[];
}

/** The programs that Toryo knows how to provide. */
export const assetNames = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'etcd',
  'kwok',
  'helm',
  'kustomize',
] as const;

/** One of the programs that Toryo knows how to provide. */
export type AssetName = (typeof assetNames)[number];

function controlPlane(tool: string): Asset {
  const base = 'k8s.io/component-base/version';
  return {
    version: kubernetes,
    module: 'kubernetes',
    main: `k8s.io/kubernetes/cmd/${tool}`,
    ldflags: `-X ${base}.gitVersion=v${kubernetes} -X ${base}.gitMajor=1 -X ${base}.gitMinor=36`,
    asks: ['--version'],
    answers: /^Kubernetes v1\.36\.3$/m,
    release: {
      url: `https://dl.k8s.io/release/v<version>/bin/<os>/<arch>/${tool}`,
      checksums: `https://dl.k8s.io/release/v<version>/bin/<os>/<arch>/${tool}.sha256`,
      except: ['darwin'],
    },
  };
}

/** Every asset in the one version that is used; the module's go.sum vouches for what is built. */
export const assets: Readonly<Record<AssetName, Asset>> = {
  'kube-apiserver': controlPlane('kube-apiserver'),
  'kube-controller-manager': controlPlane('kube-controller-manager'),
  'kube-scheduler': controlPlane('kube-scheduler'),
  etcd: {
    version: '3.6.16',
    module: 'etcd',
    main: 'go.etcd.io/etcd/server/v3',
    ldflags: '',
    asks: ['--version'],
    answers: /^etcd Version: 3\.6\.16$/m,
    release: {
      url: 'https://github.com/etcd-io/etcd/releases/download/v<version>/etcd-v<version>-<os>-<arch>.tar.gz',
      checksums: 'https://github.com/etcd-io/etcd/releases/download/v<version>/SHA256SUMS',
      entry: 'etcd-v<version>-<os>-<arch>/etcd',
      except: ['darwin'],
    },
  },
  kwok: {
    version: '0.7.0',
    module: 'kwok',
    main: 'sigs.k8s.io/kwok/cmd/kwok',
    ldflags: '',
    asks: ['--version'],
    answers: /^kwok version v0\.7\.0\b/m,
    release: {
      url: 'https://github.com/kubernetes-sigs/kwok/releases/download/v<version>/kwok-<os>-<arch>',
      checksums:
        'https://github.com/kubernetes-sigs/kwok/releases/download/v<version>/kwok-<os>-<arch>.sha256',
    },
  },
  helm: {
    version: '3.22.0',
    module: 'helm',
    main: 'helm.sh/helm/v3/cmd/helm',
    ldflags: '-X helm.sh/helm/v3/internal/version.version=v3.22.0',
    asks: ['version', '--short'],
    answers: /^v3\.22\.0\b/m,
    release: {
      url: 'https://get.helm.sh/helm-v<version>-<os>-<arch>.tar.gz',
      checksums: 'https://get.helm.sh/helm-v<version>-<os>-<arch>.tar.gz.sha256sum',
      entry: '<os>-<arch>/helm',
    },
  },
  kustomize: {
    version: '5.8.2',
    module: 'kustomize',
    main: 'sigs.k8s.io/kustomize/kustomize/v5',
    ldflags: '',
    asks: ['version'],
    answers: /^v5\.8\.2$/m,
    release: {
      url: 'https://github.com/kubernetes-sigs/kustomize/releases/download/kustomize%2Fv<version>/kustomize_v<version>_<os>_<arch>.tar.gz',
      checksums:
        'https://github.com/kubernetes-sigs/kustomize/releases/download/kustomize%2Fv<version>/checksums.txt',
      entry: 'kustomize',
    },
  },
};

/** The asset's release for this machine, or undefined when there is none. */
export function releaseOf(asset: Asset, mirror: string | undefined): Release | undefined {
  const { release, version } = asset;
  if (release.except?.includes(platform()) === true) return undefined;
  const fill = (text: string): string =>
    text
      .replaceAll('<version>', version)
      .replaceAll('<os>', platform())
      .replaceAll('<arch>', arch() === 'x64' ? 'amd64' : arch());
  const at = (url: string): string => {
    const filled = fill(url);
    return mirror === undefined ? filled : filled.replace('https://', `${mirror.replace(/\/$/, '')}/`);
  };
  return {
    url: at(release.url),
    checksums: at(release.checksums),
    ...(release.entry === undefined ? {} : { entry: fill(release.entry) }),
  };
}
