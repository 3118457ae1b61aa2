import { stringAt } from '../../lib/index.ts';
import { conditionOf, whyOfCondition } from './conditions.ts';
import { failed, firstOf, progressing, suspended, type Rule } from './state.ts';
import type { Row } from './built-in.ts';
import { errorAt, flag, need, needStrictly, phase, whenTrue } from './rules.ts';

/** Kinds of add-ons that hold configuration only: nobody writes a status, so what is stored is healthy. */
export const storedKinds: readonly string[] = [
  'argoproj.io/AppProject',
  'argoproj.io/AnalysisTemplate',
  'argoproj.io/ClusterAnalysisTemplate',
  'argoproj.io/WorkflowTemplate',
  'argoproj.io/ClusterWorkflowTemplate',
  'elbv2.k8s.aws/*',
  'externaldns.k8s.io/*',
  'generators.external-secrets.io/*',
  'crd.k8s.amazonaws.com/*',
  'vpcresources.k8s.aws/*',
  'metallb.io/*',
  'monitoring.coreos.com/AlertmanagerConfig',
  'monitoring.coreos.com/PodMonitor',
  'monitoring.coreos.com/Probe',
  'monitoring.coreos.com/PrometheusRule',
  'monitoring.coreos.com/ScrapeConfig',
  'monitoring.coreos.com/ServiceMonitor',
  'gateway.networking.k8s.io/ReferenceGrant',
  'snapshot.storage.k8s.io/VolumeSnapshotClass',
  'toryo.dev/Guard',
];

/** What the add-ons of a platform bring along, where the conventions alone would read them wrong. */
export const catalogueRows: readonly Row[] = [
  {
    kinds: ['cert-manager.io/Certificate', 'certmanager.k8s.io/Certificate'],
    says: 'condition Ready is True and no issuing is under way',
    rule: firstOf(whenTrue('Issuing', progressing), need('Ready')),
  },
  {
    kinds: [
      'cert-manager.io/Issuer',
      'cert-manager.io/ClusterIssuer',
      'certmanager.k8s.io/Issuer',
      'certmanager.k8s.io/ClusterIssuer',
    ],
    says: 'condition Ready is True',
    rule: need('Ready'),
  },
  {
    kinds: ['cert-manager.io/CertificateRequest'],
    says: 'condition Ready is True; failed when it was denied',
    rule: firstOf(whenTrue('Denied', failed), whenTrue('InvalidRequest', failed), need('Ready')),
  },
  {
    kinds: ['acme.cert-manager.io/Order', 'acme.cert-manager.io/Challenge'],
    says: 'state is valid or ready',
    rule: phase('state', { bad: ['expired'], busy: ['processing'] }),
  },
  {
    kinds: ['external-secrets.io/ClusterExternalSecret'],
    says: 'condition Ready is True; failed when some namespaces did not get theirs',
    rule: (object) => {
      const partly = conditionOf(object, 'PartiallyReady');
      const isWhole = conditionOf(object, 'Ready')?.status === 'True';
      return partly?.status === 'True' && !isWhole ? failed(whyOfCondition(partly)) : undefined;
    },
  },
  {
    kinds: ['karpenter.sh/NodePool', 'karpenter.k8s.aws/EC2NodeClass'],
    says: 'condition Ready is True; failed when it is False, for Unknown is what it says while it works',
    rule: needStrictly('Ready'),
  },
  {
    kinds: ['karpenter.sh/NodeClaim'],
    says: 'its node is ready; one that is being replaced never blocks',
    rule: firstOf(
      whenTrue('Disrupting', (why) => suspended(`is being replaced: ${why}`)),
      needStrictly('Ready'),
    ),
  },
  {
    kinds: ['gateway.networking.k8s.io/GatewayClass'],
    says: 'condition Accepted is True',
    rule: needStrictly('Accepted'),
  },
  {
    kinds: ['projectcontour.io/HTTPProxy', 'projectcontour.io/ExtensionService'],
    says: 'condition Valid is True',
    rule: firstOf(validity(), phase('currentStatus', { bad: ['orphaned'], busy: ['NotReconciled'] })),
  },
  {
    kinds: [
      'monitoring.coreos.com/Prometheus',
      'monitoring.coreos.com/PrometheusAgent',
      'monitoring.coreos.com/Alertmanager',
      'monitoring.coreos.com/ThanosRuler',
    ],
    says: 'conditions Available and Reconciled are True; failed when no pod is ready',
    rule: needStrictly('Available', 'Reconciled'),
  },
  {
    kinds: ['argoproj.io/Application'],
    says: 'its own health says Healthy; failed when its last sync failed',
    rule: firstOf(
      ...['Failed', 'Error'].map((word) =>
        flag('operationState.phase', word, (object) =>
          failed(stringAt(object, 'status', 'operationState', 'message') ?? `its last sync ended in ${word}`),
        ),
      ),
      phase('health.status'),
    ),
  },
  {
    kinds: ['argoproj.io/ApplicationSet'],
    says: 'conditions ParametersGenerated and ResourcesUpToDate are True and no rollout is under way',
    rule: firstOf(
      whenTrue('ErrorOccurred', failed),
      whenTrue('RolloutProgressing', progressing),
      needStrictly('ResourcesUpToDate'),
    ),
  },
  {
    kinds: ['snapshot.storage.k8s.io/VolumeSnapshot', 'snapshot.storage.k8s.io/VolumeSnapshotContent'],
    says: '`readyToUse` is true',
    rule: firstOf(
      errorAt('error', 'message'),
      flag('readyToUse', false, () => progressing('not ready to use yet')),
    ),
  },
  {
    kinds: ['bitnami.com/SealedSecret'],
    says: 'condition Synced is True; failed when it cannot be decrypted',
    rule: needStrictly('Synced'),
  },
  {
    kinds: ['keda.sh/ScaledObject', 'keda.sh/ScaledJob'],
    says: 'condition Ready is True and no trigger has fallen back; paused never blocks',
    rule: firstOf(whenTrue('Paused', suspended), whenTrue('Fallback', failed), need('Ready')),
  },
];

function validity(): Rule {
  const rule = needStrictly('Valid');
  return (object, now) => (conditionOf(object, 'Valid') === undefined ? undefined : rule(object, now));
}
