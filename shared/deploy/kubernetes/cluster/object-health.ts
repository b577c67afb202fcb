import { isObject, type JsonObject } from '../../../kernel/json.ts';
import { withReason } from '../../kit/with-reason.ts';
import { groupOf, numberAt, textAt, valueAt } from '../cluster-object.ts';

/** How an object is, as Flux and kubectl's own tools judge it (kstatus). */
export interface ObjectHealth {
  readonly health: 'current' | 'underway' | 'failed' | 'terminating';
  /** What it waits for, or why it failed; empty where there is nothing to say. */
  readonly why: string;
}

const CURRENT: ObjectHealth = { health: 'current', why: '' };
const underway = (why: string): ObjectHealth => ({ health: 'underway', why });
const failed = (why: string): ObjectHealth => ({ health: 'failed', why });

interface Condition {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

function conditionOf(object: unknown, type: string): Condition | undefined {
  const all = valueAt(object, 'status', 'conditions');
  const found = Array.isArray(all) ? all.find((each) => textAt(each, 'type') === type) : undefined;
  if (found === undefined) return undefined;
  return {
    status: textAt(found, 'status'),
    reason: textAt(found, 'reason'),
    message: textAt(found, 'message'),
  };
}

const told = ({ reason, message }: Condition): string => withReason(reason, message);

/** The first of these that is not so, in words. */
const firstUnmet = (rules: readonly (readonly [isMet: boolean, why: string])[]): ObjectHealth => {
  const unmet = rules.find(([isMet]) => !isMet);
  return unmet === undefined ? CURRENT : underway(unmet[1]);
};

function deployment(object: JsonObject): ObjectHealth {
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1;
  const count = (key: string): number => numberAt(object, 'status', key) ?? 0;
  const progressing = conditionOf(object, 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') return failed(told(progressing));
  // Without a deadline (MaxInt32) nobody keeps that condition.
  const isFollowed = (numberAt(object, 'spec', 'progressDeadlineSeconds') ?? 2 ** 31 - 1) !== 2 ** 31 - 1;
  const available = conditionOf(object, 'Available');
  return firstUnmet([
    [count('replicas') >= wanted, `${count('replicas')} of ${wanted} pods are made`],
    [
      count('updatedReplicas') >= wanted,
      `${count('updatedReplicas')} of ${wanted} pods run the new revision`,
    ],
    [
      count('replicas') <= count('updatedReplicas'),
      `${count('replicas') - count('updatedReplicas')} old pods are still to go`,
    ],
    [
      count('availableReplicas') >= count('updatedReplicas'),
      `${count('availableReplicas')} of ${wanted} pods are available`,
    ],
    [count('readyReplicas') >= wanted, `${count('readyReplicas')} of ${wanted} pods are ready`],
    [
      !isFollowed ||
        progressing === undefined ||
        (progressing.status === 'True' && progressing.reason === 'NewReplicaSetAvailable'),
      'its new replica set is not available',
    ],
    [available?.status === 'True', available === undefined ? 'it is not available' : told(available)],
  ]);
}

function statefulSet(object: JsonObject): ObjectHealth {
  if (textAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete') return CURRENT;
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1;
  const count = (key: string): number => numberAt(object, 'status', key) ?? 0;
  const partition = numberAt(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0;
  const isWhole = partition === 0;
  const updated = isWhole
    ? textAt(object, 'status', 'currentRevision') === textAt(object, 'status', 'updateRevision') &&
      count('currentReplicas') >= wanted
    : count('updatedReplicas') >= wanted - partition;
  return firstUnmet([
    [count('replicas') >= wanted, `${count('replicas')} of ${wanted} pods are made`],
    [count('readyReplicas') >= wanted, `${count('readyReplicas')} of ${wanted} pods are ready`],
    [count('replicas') <= wanted, `${count('replicas') - wanted} pods are still to go`],
    [updated, `${count('updatedReplicas')} of ${wanted - partition} pods run the new revision`],
  ]);
}

function daemonSet(object: JsonObject): ObjectHealth {
  const count = (key: string): number => numberAt(object, 'status', key) ?? 0;
  const wanted = count('desiredNumberScheduled');
  return firstUnmet([
    [numberAt(object, 'status', 'observedGeneration') !== undefined, 'its controller has not seen it'],
    [
      count('currentNumberScheduled') >= wanted,
      `${count('currentNumberScheduled')} of ${wanted} pods are made`,
    ],
    [
      count('updatedNumberScheduled') >= wanted,
      `${count('updatedNumberScheduled')} of ${wanted} pods run the new revision`,
    ],
    [count('numberAvailable') >= wanted, `${count('numberAvailable')} of ${wanted} pods are available`],
    [count('numberReady') >= wanted, `${count('numberReady')} of ${wanted} pods are ready`],
  ]);
}

function replicaSet(object: JsonObject): ObjectHealth {
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1;
  const count = (key: string): number => numberAt(object, 'status', key) ?? 0;
  const failure = conditionOf(object, 'ReplicaFailure');
  if (failure?.status === 'True') return underway(told(failure));
  return firstUnmet([
    [count('fullyLabeledReplicas') >= wanted, `${count('fullyLabeledReplicas')} of ${wanted} pods are made`],
    [count('availableReplicas') >= wanted, `${count('availableReplicas')} of ${wanted} pods are available`],
    [count('readyReplicas') >= wanted, `${count('readyReplicas')} of ${wanted} pods are ready`],
    [count('replicas') <= wanted, `${count('replicas') - wanted} pods are still to go`],
  ]);
}

/** A job is waited for until it is done: its reader in Flux and Helm, not kstatus's own, which is content once it has begun. */
function job(object: JsonObject): ObjectHealth {
  const failure = conditionOf(object, 'Failed');
  if (failure?.status === 'True') return failed(told(failure));
  if (conditionOf(object, 'Complete')?.status === 'True' || valueAt(object, 'spec', 'suspend') === true)
    return CURRENT;
  return underway(
    `${numberAt(object, 'status', 'succeeded') ?? 0} of ${numberAt(object, 'spec', 'completions') ?? 1} pods are done`,
  );
}

function pod(object: JsonObject): ObjectHealth {
  const phase = textAt(object, 'status', 'phase');
  if (phase === 'Succeeded' || phase === 'Failed') return CURRENT;
  const ready = conditionOf(object, 'Ready');
  if (phase === 'Running' && ready?.status === 'True') return CURRENT;
  const containers = valueAt(object, 'status', 'containerStatuses');
  const looping = (Array.isArray(containers) ? containers : []).find(
    (each) => textAt(each, 'state', 'waiting', 'reason') === 'CrashLoopBackOff',
  );
  if (looping !== undefined) return failed(`container ${textAt(looping, 'name')} is in CrashLoopBackOff`);
  return underway(withReason(`it is ${phase || 'not scheduled'}`, ready?.message ?? ''));
}

function definition(object: JsonObject): ObjectHealth {
  const names = conditionOf(object, 'NamesAccepted');
  if (names?.status === 'False') return failed(told(names));
  const established = conditionOf(object, 'Established');
  if (established?.status === 'True') return CURRENT;
  if (established?.status === 'False' && established.reason !== 'Installing')
    return failed(told(established));
  return underway('it is not established');
}

/** By group and kind; what is not here is judged by its conditions alone. */
const RULES: Readonly<Record<string, (object: JsonObject) => ObjectHealth>> = {
  'apps/Deployment': deployment,
  'apps/StatefulSet': statefulSet,
  'apps/DaemonSet': daemonSet,
  'apps/ReplicaSet': replicaSet,
  'batch/Job': job,
  'batch/CronJob': () => CURRENT,
  '/Pod': pod,
  '/PersistentVolumeClaim': (object) => {
    const phase = textAt(object, 'status', 'phase');
    return phase === 'Bound' ? CURRENT : underway(`it is ${phase || 'not seen yet'}, wanted Bound`);
  },
  '/Service': (object) =>
    textAt(object, 'spec', 'type') !== 'LoadBalancer' || textAt(object, 'spec', 'clusterIP') !== ''
      ? CURRENT
      : underway('it has no cluster IP'),
  'apiextensions.k8s.io/CustomResourceDefinition': definition,
};

function byConditions(object: JsonObject): ObjectHealth {
  const ready = conditionOf(object, 'Ready');
  return ready === undefined || ready.status === 'True' ? CURRENT : underway(told(ready));
}

/**
 * How an object is. Pure.
 * @see https://github.com/fluxcd/cli-utils/blob/main/pkg/kstatus/README.md
 */
export function objectHealth(object: JsonObject): ObjectHealth {
  if (textAt(object, 'metadata', 'deletionTimestamp') !== '')
    return { health: 'terminating', why: `it is going: ${terminating(object)}` };
  const observed = numberAt(object, 'status', 'observedGeneration');
  if (observed !== undefined && observed !== numberAt(object, 'metadata', 'generation'))
    return underway('its controller has not seen this version of it');
  const reconciling = conditionOf(object, 'Reconciling');
  if (reconciling?.status === 'True') return underway(told(reconciling));
  const stalled = conditionOf(object, 'Stalled');
  if (stalled?.status === 'True') return failed(told(stalled));
  const rule = RULES[`${groupOf(textAt(object, 'apiVersion'))}/${textAt(object, 'kind')}`];
  return rule === undefined ? byConditions(object) : rule(object);
}

function terminating(object: JsonObject): string {
  const metadata = isObject(object['metadata']) ? object['metadata'] : {};
  const finalizers = Array.isArray(metadata['finalizers']) ? metadata['finalizers'] : [];
  return finalizers.length === 0 ? 'what it owns is removed' : `waits for ${finalizers.join(', ')}`;
}
