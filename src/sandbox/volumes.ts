import { listAt, objectAt, stringAt, type JsonObject } from '../lib/index.ts';
import type { Api, Sight } from './api.ts';
import { failAnnotation } from './stages.ts';

/** The provisioner of the class `standard`; claims of every other provisioner get a volume too. */
const provisioner = 'sandbox.toryo.dev/volumes';

const provisionedBy = 'pv.kubernetes.io/provisioned-by';
const ourMark = 'sandbox.toryo.dev/volume';

/** The class that claims without one get. */
const standard = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner,
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'WaitForFirstConsumer',
  allowVolumeExpansion: true,
};

/**
 * Stands in for a storage driver: a claim gets a volume (which holds nothing), and a released volume goes.
 * `sandbox.toryo.dev/fail: ProvisioningFailed` on the claim keeps it Pending, with an event.
 */
export class Volumes {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** Makes the default class, unless there is one of that name. */
  async makeClass(): Promise<void> {
    const answer = await this.#api.call('POST', '/apis/storage.k8s.io/v1/storageclasses', standard);
    if (answer.status >= 300 && answer.status !== 409)
      throw new Error(`the class standard: ${stringAt(answer.body, 'message')}`);
  }

  /** Looks at one claim; the binding controller names the provisioner when it is to act. */
  async seeClaim({ object: claim, isGone }: Sight): Promise<void> {
    const by = stringAt(claim, 'metadata', 'annotations', 'volume.kubernetes.io/storage-provisioner');
    const isPending = stringAt(claim, 'status', 'phase') === 'Pending';
    const isBound = stringAt(claim, 'spec', 'volumeName') !== undefined;
    if (isGone || by === undefined || !isPending || isBound) return;
    if (stringAt(claim, 'metadata', 'annotations', failAnnotation) === 'ProvisioningFailed')
      return this.#refuse(claim);
    const answer = await this.#api.call(
      'POST',
      '/api/v1/persistentvolumes',
      await this.#volumeFor(claim, by),
    );
    if (answer.status >= 300 && answer.status !== 409)
      throw new Error(`a volume for ${nameOf(claim)}: ${stringAt(answer.body, 'message')}`);
  }

  /** Looks at one volume: a released one of ours is deleted when its policy says so. */
  async seeVolume({ object: volume, isGone }: Sight): Promise<void> {
    const isOurs = stringAt(volume, 'metadata', 'annotations', ourMark) !== undefined;
    const isReleased = stringAt(volume, 'status', 'phase') === 'Released';
    const policy = stringAt(volume, 'spec', 'persistentVolumeReclaimPolicy');
    if (isGone || !isOurs || !isReleased || policy !== 'Delete') return;
    await this.#api.call('DELETE', `/api/v1/persistentvolumes/${nameOf(volume)}`);
  }

  async #volumeFor(claim: JsonObject, by: string): Promise<JsonObject> {
    const className = stringAt(claim, 'spec', 'storageClassName') ?? '';
    const found = await this.#api.call('GET', `/apis/storage.k8s.io/v1/storageclasses/${className}`);
    const node = stringAt(claim, 'metadata', 'annotations', 'volume.kubernetes.io/selected-node');
    const uid = stringAt(claim, 'metadata', 'uid') ?? '';
    const namespace = stringAt(claim, 'metadata', 'namespace') ?? '';
    return {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `pvc-${uid}`, annotations: { [provisionedBy]: by, [ourMark]: 'true' } },
      spec: {
        capacity: { storage: stringAt(claim, 'spec', 'resources', 'requests', 'storage') ?? '1Gi' },
        accessModes: listAt(claim, 'spec', 'accessModes'),
        volumeMode: stringAt(claim, 'spec', 'volumeMode') ?? 'Filesystem',
        storageClassName: className,
        persistentVolumeReclaimPolicy: stringAt(found.body, 'reclaimPolicy') ?? 'Delete',
        claimRef: {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          name: nameOf(claim),
          namespace,
          uid,
        },
        hostPath: { path: `/sandbox/${uid}` },
        ...(node === undefined ? {} : { nodeAffinity: await this.#zoneOf(node) }),
      },
    };
  }

  /** A volume lives in the zone of the node that was chosen, as a cloud's disks do. */
  async #zoneOf(node: string): Promise<JsonObject> {
    const found = await this.#api.call('GET', `/api/v1/nodes/${node}`);
    const key = 'topology.kubernetes.io/zone';
    const zone = stringAt(found.body, 'metadata', 'labels', key);
    const matchExpressions = zone === undefined ? [] : [{ key, operator: 'In', values: [zone] }];
    return { required: { nodeSelectorTerms: [{ matchExpressions }] } };
  }

  async #refuse(claim: JsonObject): Promise<void> {
    const namespace = stringAt(claim, 'metadata', 'namespace') ?? '';
    const now = new Date().toISOString();
    await this.#api.call('POST', `/api/v1/namespaces/${namespace}/events`, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { generateName: `${nameOf(claim)}.`, namespace },
      type: 'Warning',
      reason: 'ProvisioningFailed',
      message: `asked to fail by the annotation ${failAnnotation}`,
      involvedObject: { kind: 'PersistentVolumeClaim', ...reference(claim) },
      source: { component: provisioner },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    });
  }
}

function nameOf(object: JsonObject): string {
  return stringAt(object, 'metadata', 'name') ?? '';
}

function reference(object: JsonObject): JsonObject {
  const { name, namespace, uid } = objectAt(object, 'metadata');
  return { apiVersion: 'v1', name, namespace, uid };
}
