import { at, isObject, listAt, numberAt, objectAt, stringAt } from '../../lib/index.ts';
import type { KubeObject } from '../manifest.ts';
import type { Row } from './built-in.ts';
import { conditionOf, whyOfCondition } from './conditions.ts';
import { counted, entries, flag, need, needStrictly, phase, spec, sums, waitFor, whenTrue } from './rules.ts';
import {
  failed,
  firstOf,
  healthy,
  otherwise,
  progressing,
  suspended,
  unless,
  type Health,
  type Rule,
} from './state.ts';
import { worstOf } from './worst.ts';

const runsOnce = { busy: ['Running', 'running', 'RUNNING'] };

/** Other operators that people bring, where the conventions alone would read them wrong. */
export const operatorRows: readonly Row[] = [
  {
    kinds: ['argoproj.io/Rollout'],
    says: 'every replica is of this version and available; failed when it was aborted; paused never blocks',
    rule: rollout,
  },
  {
    kinds: ['argoproj.io/AnalysisRun', 'argoproj.io/Experiment', 'argoproj.io/Workflow'],
    says: 'its run was successful',
    rule: phase('phase', runsOnce),
  },
  {
    kinds: ['kafka.banzaicloud.io/KafkaCluster'],
    says: 'its state is ClusterRunning',
    rule: phase('state', { good: ['ClusterRunning'] }),
  },
  {
    kinds: ['astra.netapp.io/*'],
    says: 'ready, available or complete',
    rule: phase('state', runsOnce),
  },
  {
    kinds: ['promoter.argoproj.io/*'],
    says: 'condition Ready is True, every environment has succeeded and runs what is proposed',
    rule: firstOf(
      unless(need('Ready')),
      entries('environments', phase('phase')),
      entries('environments', promoted),
      promoted,
      otherwise(healthy()),
    ),
  },
  {
    kinds: ['*.toolkit.fluxcd.io/*'],
    says: 'condition Ready is True; failed when it is False and no dependency is waited for',
    rule: (object, now) => {
      const ready = conditionOf(object, 'Ready');
      return ready?.status === 'False' && ready.reason === 'DependencyNotReady'
        ? progressing(whyOfCondition(ready))
        : firstOf(
            spec('suspend', true, () => suspended()),
            needStrictly('Ready'),
          )(object, now);
    },
  },
  {
    kinds: ['gateway.solo.io/*', 'gloo.solo.io/*'],
    says: 'accepted by every controller that reports on it',
    rule: reported,
  },
  {
    kinds: ['apps.kruise.io/CloneSet', 'apps.kruise.io/StatefulSet'],
    says: 'every replica is of this version and available; paused never blocks',
    rule: firstOf(
      ...pausedStrategies(),
      counted('status.updatedAvailableReplicas', 'spec.replicas', 'pods of this version are available'),
    ),
  },
  {
    kinds: ['game.kruise.io/GameServerSet'],
    says: 'every replica is of this version and ready; paused never blocks',
    rule: firstOf(
      ...pausedStrategies(),
      counted('status.updatedReadyReplicas', 'spec.replicas', 'pods of this version are ready'),
    ),
  },
  {
    kinds: ['apps.kruise.io/DaemonSet'],
    says: 'every wanted node has an available pod; paused never blocks',
    rule: firstOf(
      ...pausedStrategies(),
      counted('status.numberAvailable', 'status.desiredNumberScheduled', 'nodes have an available pod'),
    ),
  },
  {
    kinds: ['apps.kruise.io/BroadcastJob'],
    says: 'complete',
    rule: firstOf(
      spec('paused', true, () => suspended('paused')),
      phase('phase', runsOnce),
    ),
  },
  {
    kinds: ['apps.openshift.io/DeploymentConfig'],
    says: 'available, and its last rollout is done',
    rule: firstOf(
      flag('replicas', 0, () => healthy('0 replicas')),
      unless(needStrictly('Available')),
      (object) => {
        const progress = conditionOf(object, 'Progressing');
        const isDone = progress?.reason === 'NewReplicationControllerAvailable';
        return progress === undefined || isDone ? undefined : progressing(whyOfCondition(progress));
      },
    ),
  },
  {
    kinds: ['work.karmada.io/ResourceBinding', 'work.karmada.io/ClusterResourceBinding'],
    says: 'scheduled, applied and healthy in every member cluster',
    rule: firstOf(
      entries(
        'aggregatedStatus',
        flag('applied', false, () => failed('not applied in a member cluster')),
      ),
      entries(
        'aggregatedStatus',
        flag('health', 'Unhealthy', () => failed('unhealthy in a member cluster')),
      ),
      waitFor('Scheduled'),
      waitFor('FullyApplied'),
      otherwise(healthy()),
    ),
  },
  {
    kinds: ['tower.ansible.com/AnsibleJob'],
    says: 'the job was successful',
    rule: phase('ansibleJobResult.status', runsOnce),
  },
  {
    kinds: ['minio.min.io/Tenant'],
    says: 'its state is Initialized',
    rule: firstOf(
      phase('currentState', { bad: ['Different versions across MinIO Pools'], others: 'progressing' }),
      otherwise(progressing('its operator has not said its state yet')),
    ),
  },
  {
    kinds: ['operators.coreos.com/Subscription'],
    says: 'at the latest version that is known, or its upgrade waits for an approval',
    rule: firstOf(
      whenTrue('ResolutionFailed', failed),
      whenTrue('InstallPlanFailed', failed),
      whenTrue('CatalogSourcesUnhealthy', failed),
      (object) =>
        conditionOf(object, 'InstallPlanPending')?.reason === 'RequiresApproval' &&
        stringAt(object, 'status', 'installedCSV') !== undefined
          ? healthy('an upgrade waits for approval')
          : undefined,
      phase('state', { good: ['AtLatestKnown'] }),
      otherwise(progressing('its version is not resolved yet')),
    ),
  },
  {
    kinds: ['proclaim.dogmatiq.io/DNSSDServiceInstance'],
    says: 'adopted, advertised and discoverable',
    rule: sums('Adopted', 'Advertised', 'Discoverable'),
  },
  {
    kinds: ['rabbitmq.com/RabbitmqCluster'],
    says: 'reconciled, available, with every replica ready',
    rule: firstOf(
      (object) => {
        const done = conditionOf(object, 'ReconcileSuccess');
        return done?.status === 'False' ? failed(whyOfCondition(done)) : undefined;
      },
      waitFor('ClusterAvailable'),
      waitFor('AllReplicasReady'),
      otherwise(healthy()),
    ),
  },
  {
    kinds: ['postgresql.cnpg.io/Cluster'],
    says: 'condition Ready is True; hibernated or with its reconciliation off never blocks',
    rule: firstOf((object) => {
      const { 'cnpg.io/hibernation': sleep, 'cnpg.io/reconciliationLoop': loop } =
        object.metadata.annotations ?? {};
      return sleep === 'on' || loop === 'disabled' ? suspended('stopped by annotation') : undefined;
    }, need('Ready')),
  },
  {
    kinds: ['route.openshift.io/Route'],
    says: 'admitted by every router',
    rule: firstOf(entries('ingress', needStrictly('Admitted')), otherwise(healthy())),
  },
  {
    kinds: ['sparkoperator.k8s.io/SparkApplication'],
    says: 'its application runs or is complete',
    rule: phase('applicationState.state', { busy: ['SUCCEEDING', 'FAILING'] }),
  },
  {
    kinds: ['flink.apache.org/FlinkDeployment'],
    says: 'its job manager is ready, or its job is suspended',
    rule: firstOf(
      flag('jobStatus.state', 'SUSPENDED', () => healthy('its job is suspended')),
      phase('jobManagerDeploymentStatus', { busy: ['DEPLOYED_NOT_READY'] }),
    ),
  },
  {
    kinds: ['grafana.integreatly.org/Grafana'],
    says: 'its last stage is complete',
    rule: firstOf(
      flag('stageStatus', 'failed', (object) =>
        failed(`stage ${stringAt(object, 'status', 'stage') ?? ''} failed`),
      ),
      phase('stage', { others: 'progressing' }),
    ),
  },
  {
    kinds: ['grafana.integreatly.org/GrafanaDatasource'],
    says: 'synchronised with a Grafana',
    rule: firstOf(
      flag('NoMatchingInstances', true, () => failed('no Grafana matches its selector')),
      flag('uid', '', () => progressing('not created in a Grafana yet')),
    ),
  },
  {
    kinds: ['networking.gke.io/ManagedCertificate'],
    says: 'active for every domain',
    rule: firstOf(entries('domainStatus', phase('status')), phase('certificateStatus')),
  },
  {
    kinds: ['serving.kserve.io/InferenceService'],
    says: 'condition Ready is True and its model is loaded; stopped never blocks',
    rule: firstOf(
      whenTrue('Stopped', suspended),
      ...['BlockedByFailedLoad', 'InvalidSpec'].map((word) =>
        flag('modelStatus.transitionStatus', word, () => failed(`its model is not loaded: ${word}`)),
      ),
    ),
  },
  {
    kinds: ['cluster.x-k8s.io/MachineHealthCheck'],
    says: 'every machine that it watches is healthy',
    rule: counted('status.currentHealthy', 'status.expectedMachines', 'machines are healthy'),
  },
  {
    kinds: ['ceph.rook.io/CephCluster'],
    says: 'Ceph says HEALTH_OK; unknown while it warns',
    rule: phase('ceph.health', { unsure: ['HEALTH_WARN'], bad: ['HEALTH_ERR'] }),
  },
  {
    kinds: ['stacks.crossplane.io/ClusterStackInstall'],
    says: 'condition Ready is True',
    rule: (object) => need('Ready')({ ...object, status: objectAt(object, 'status', 'conditionedStatus') }),
  },
  {
    kinds: ['opentelemetry.io/OpenTelemetryCollector'],
    says: 'as many replicas as it wants',
    rule: (object) => {
      const [ready, wanted] = (stringAt(object, 'status', 'scale', 'statusReplicas') ?? '').split('/');
      if (ready === undefined || wanted === undefined) return undefined;
      return ready === wanted ? healthy() : progressing(`${ready} of ${wanted} replicas are ready`);
    },
  },
  {
    kinds: ['numaflow.numaproj.io/*', 'numaplane.numaproj.io/*'],
    says: 'deployed, with every part healthy',
    rule: (object) => {
      const upgrade = conditionOf(object, 'ProgressiveUpgradeSucceeded');
      return upgrade?.status === 'False' ? failed(whyOfCondition(upgrade)) : undefined;
    },
  },
  {
    kinds: ['k8s.mariadb.com/SqlJob', 'k8s.mariadb.com/Backup'],
    says: 'complete, and not by failing',
    rule: (object) => {
      const done = conditionOf(object, 'Complete');
      return done !== undefined && /^fail/i.test(done.message) ? failed(whyOfCondition(done)) : undefined;
    },
  },
  {
    kinds: ['*.services.k8s.aws/*'],
    says: 'condition Ready, or ACK.ResourceSynced where there is no Ready, is True',
    rule: firstOf(
      whenTrue('ACK.Terminal', failed),
      sums('Ready', 'ACK.ResourceSynced'),
      otherwise(progressing('its controller has not said yet that it is synced')),
    ),
  },
  {
    kinds: ['k8s.mariadb.com/MariaDB', 'mariadb.mmontes.io/MariaDB'],
    says: 'condition Ready is True',
    rule: firstOf(sums('Ready'), otherwise(progressing('condition Ready is not there yet'))),
  },
  {
    kinds: ['metrics.keptn.sh/Analysis'],
    says: 'complete and passed, or warned',
    rule: flag('pass', false, () => failed('the analysis did not pass')),
  },
];

function pausedStrategies(): readonly Rule[] {
  return [
    'spec.updateStrategy.paused',
    'spec.updateStrategy.rollingUpdate.paused',
    'updateStrategy.paused',
    'updateStrategy.rollingUpdate.paused',
  ].map((path) => spec(path.replace('spec.', ''), true, () => suspended('paused')));
}

/** Pending, Accepted, Rejected and Warning, by name or by number; directly or by the namespace of each controller. */
const reports: Readonly<Record<string, (why: string) => Health>> = {
  '0': progressing,
  Pending: progressing,
  '1': () => healthy(),
  Accepted: () => healthy(),
  '2': failed,
  Rejected: failed,
  '3': failed,
  Warning: failed,
};

function reported(object: KubeObject): Health | undefined {
  const all = [at(object, 'status'), ...Object.values(objectAt(object, 'status', 'statuses'))];
  const found = all.flatMap((one) => {
    const state = at(one, 'state');
    const report =
      typeof state === 'string' || typeof state === 'number' ? reports[String(state)] : undefined;
    return report === undefined ? [] : [report(stringAt(one, 'reason') ?? `state is ${String(state)}`)];
  });
  return worstOf(found);
}

// What an environment runs and what is proposed for it, as two commits.
function promoted(object: KubeObject): Health | undefined {
  const status = at(object, 'status');
  if (!isObject(status) || !('active' in status) || !('proposed' in status)) return undefined;
  const active = stringAt(status, 'active', 'dry', 'sha');
  const proposed =
    stringAt(status, 'proposed', 'note', 'drySha') ?? stringAt(status, 'proposed', 'dry', 'sha');
  if (active === undefined || proposed === undefined) return progressing('nothing is promoted yet');
  return active === proposed ? healthy() : progressing('what is proposed is not active yet');
}

function rollout(object: KubeObject): Health | undefined {
  const invalid = conditionOf(object, 'InvalidSpec');
  if (invalid?.status === 'True') return failed(whyOfCondition(invalid));
  const named = phase('phase')(object);
  if (named !== undefined) return named;
  const progress = conditionOf(object, 'Progressing');
  if (progress?.status === 'False') return failed(whyOfCondition(progress));
  const isPaused =
    listAt(object, 'status', 'pauseConditions').length > 0 || at(object, 'spec', 'paused') === true;
  if (isPaused || at(object, 'status', 'controllerPause') === true) return suspended('paused');
  return rolloutCounts(object);
}

function rolloutCounts(object: KubeObject): Health {
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1;
  const count = (name: string): number => numberAt(object, 'status', name) ?? 0;
  const updated = count('updatedReplicas');
  if (updated < wanted) return progressing(`${updated} of ${wanted} pods are of this version`);
  if (count('replicas') > updated) return progressing('pods of the version before still run');
  const available = count('availableReplicas');
  return available < wanted ? progressing(`${available} of ${wanted} pods are available`) : healthy();
}
