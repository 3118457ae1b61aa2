import { describe, expect, it } from 'vitest';
import { healthOf } from './health.ts';
import type { KubeObject } from '../manifest.ts';

const object = (apiVersion: string, kind: string, fields: object, metadata: object = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'a', ...metadata },
  ...fields,
});
const condition = (type: string, status: string, more: object = {}): object => ({
  status: { conditions: [{ type, status, ...more }] },
});
const counts = (spec: object, status: object): object => ({
  spec,
  status: { observedGeneration: 1, ...status },
});

describe('health', () => {
  it.each<[string, string, string, object, string, string | RegExp]>([
    ['a ConfigMap', 'v1', 'ConfigMap', {}, 'healthy', ''],
    [
      'a Deployment that nobody has seen',
      'apps/v1',
      'Deployment',
      {},
      'progressing',
      'its controller has not seen it yet',
    ],
    [
      'a Deployment that is there',
      'apps/v1',
      'Deployment',
      counts({ replicas: 2 }, { replicas: 2, updatedReplicas: 2, availableReplicas: 2 }),
      'healthy',
      '2 of 2 available',
    ],
    [
      'a Deployment on its way',
      'apps/v1',
      'Deployment',
      counts({ replicas: 2 }, { replicas: 2, updatedReplicas: 1 }),
      'progressing',
      '1 of 2 pods are of this version',
    ],
    [
      'a Deployment with old pods',
      'apps/v1',
      'Deployment',
      counts({ replicas: 1 }, { replicas: 2, updatedReplicas: 1, availableReplicas: 1 }),
      'progressing',
      '1 pod of the version before still runs',
    ],
    [
      'a Deployment whose pods are refused',
      'apps/v1',
      'Deployment',
      counts(
        { replicas: 1 },
        { conditions: [{ type: 'ReplicaFailure', status: 'True', message: 'exceeded quota' }] },
      ),
      'progressing',
      /: exceeded quota$/,
    ],
    [
      'a Deployment that gave up',
      'apps/v1',
      'Deployment',
      condition('Progressing', 'False', { reason: 'ProgressDeadlineExceeded', message: 'too slow' }),
      'failed',
      'too slow',
    ],
    [
      'a Deployment that is paused',
      'apps/v1',
      'Deployment',
      counts({ paused: true, replicas: 2 }, {}),
      'healthy',
      'paused',
    ],
    [
      'a Deployment of none',
      'apps/v1',
      'Deployment',
      counts({ replicas: 0 }, {}),
      'healthy',
      '0 of 0 available',
    ],
    [
      'a StatefulSet on its way',
      'apps/v1',
      'StatefulSet',
      counts({ replicas: 2 }, { readyReplicas: 1 }),
      'progressing',
      '1 of 2 pods are ready',
    ],
    [
      'a StatefulSet with a partition',
      'apps/v1',
      'StatefulSet',
      counts(
        { replicas: 3, updateStrategy: { rollingUpdate: { partition: 2 } } },
        { readyReplicas: 3, updatedReplicas: 1 },
      ),
      'healthy',
      '3 of 3 ready',
    ],
    [
      'a StatefulSet that updates on delete',
      'apps/v1',
      'StatefulSet',
      counts({ replicas: 1, updateStrategy: { type: 'OnDelete' } }, { readyReplicas: 1 }),
      'healthy',
      '1 of 1 ready',
    ],
    [
      'a DaemonSet without nodes',
      'apps/v1',
      'DaemonSet',
      counts({}, { desiredNumberScheduled: 0 }),
      'healthy',
      '0 of 0 nodes',
    ],
    [
      'a DaemonSet on its way',
      'apps/v1',
      'DaemonSet',
      counts(
        {},
        { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 1, numberReady: 2 },
      ),
      'progressing',
      '1 of 2 nodes have an available pod',
    ],
    [
      'a Job on its way',
      'batch/v1',
      'Job',
      { spec: { completions: 2 }, status: { succeeded: 1 } },
      'progressing',
      '1 of 2 pods have succeeded',
    ],
    ['a Job that is done', 'batch/v1', 'Job', condition('Complete', 'True'), 'healthy', 'complete'],
    [
      'a Job that failed',
      'batch/v1',
      'Job',
      condition('Failed', 'True', { message: 'backoff limit' }),
      'failed',
      'backoff limit',
    ],
    ['a Job that is suspended', 'batch/v1', 'Job', { spec: { suspend: true } }, 'healthy', 'suspended'],
    ['a pod that is ready', 'v1', 'Pod', condition('Ready', 'True'), 'healthy', ''],
    [
      'a pod that failed',
      'v1',
      'Pod',
      { status: { phase: 'Failed', message: 'evicted' } },
      'failed',
      'evicted',
    ],
    [
      'a claim that is bound',
      'v1',
      'PersistentVolumeClaim',
      { status: { phase: 'Bound' } },
      'healthy',
      'bound',
    ],
    [
      'a claim that nobody uses',
      'v1',
      'PersistentVolumeClaim',
      { status: { phase: 'Pending' } },
      'unknown',
      /no pod uses it yet/,
    ],
    [
      'a claim that lost its volume',
      'v1',
      'PersistentVolumeClaim',
      { status: { phase: 'Lost' } },
      'failed',
      'its volume is lost',
    ],
    ['a Service', 'v1', 'Service', { spec: { type: 'ClusterIP' } }, 'healthy', ''],
    [
      'a load balancer without address',
      'v1',
      'Service',
      { spec: { type: 'LoadBalancer' } },
      'progressing',
      'no address from the load balancer yet',
    ],
    ['an Ingress without address', 'networking.k8s.io/v1', 'Ingress', {}, 'unknown', /no address yet/],
    [
      'a definition that is established',
      'apiextensions.k8s.io/v1',
      'CustomResourceDefinition',
      condition('Established', 'True'),
      'healthy',
      '',
    ],
    [
      'a definition whose names are taken',
      'apiextensions.k8s.io/v1',
      'CustomResourceDefinition',
      condition('NamesAccepted', 'False', { message: 'taken' }),
      'failed',
      'taken',
    ],
    [
      'an APIService that nobody answers for',
      'apiregistration.k8s.io/v1',
      'APIService',
      condition('Available', 'False', { message: 'no endpoints' }),
      'progressing',
      'no endpoints',
    ],
    [
      'an autoscaler without figures',
      'autoscaling/v2',
      'HorizontalPodAutoscaler',
      condition('ScalingActive', 'False', { message: 'no metrics' }),
      'unknown',
      'no metrics',
    ],
  ])('of %s', (_about, apiVersion, kind, fields, state, why) => {
    const health = healthOf(object(apiVersion, kind, fields));
    expect(health.state).toBe(state);
    expect(health.why).toMatch(why);
  });

  it('waits for a claim that is being provisioned', () => {
    const annotations = { 'volume.kubernetes.io/storage-provisioner': 'x' };
    expect(
      healthOf(object('v1', 'PersistentVolumeClaim', { status: { phase: 'Pending' } }, { annotations })),
    ).toEqual({ state: 'progressing', why: 'not bound yet' });
  });

  it('of anything that is being deleted, or that its controller has not looked at since', () => {
    expect(healthOf(object('v1', 'ConfigMap', {}, { deletionTimestamp: 'now' }))).toEqual({
      state: 'progressing',
      why: 'is being deleted',
    });
    expect(
      healthOf(object('example.com/v1', 'Boat', { status: { observedGeneration: 1 } }, { generation: 2 }))
        .why,
    ).toBe('its controller has not seen the change yet');
  });
});
