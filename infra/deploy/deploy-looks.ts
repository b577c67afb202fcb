import { Duration, Stack } from 'aws-cdk-lib';
import {
  type Alarm,
  ComparisonOperator,
  type IAlarmAction,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { Construct } from 'constructs';
import { deployDimensions, METRIC_NAMESPACE, type MeteredDeploy } from '../../shared/aws/metrics.ts';
import type { Subscription } from '../subscription.ts';

const LOOK_EVERY = Duration.minutes(15);

/** Has a deploy look whether it has applied what is current, should an event be lost. */
export function lookByTime(
  scope: Construct,
  name: string,
  { queue, undelivered }: Subscription,
  every = LOOK_EVERY,
): void {
  new Rule(scope, 'Look', {
    schedule: Schedule.rate(every),
    description: `Landfall: look whether deploy ${name} has applied what is current`,
    targets: [new SqsQueue(queue, { deadLetterQueue: undelivered, maxEventAge: every })],
  });
}

/**
 * Goes off where a deploy failed for good, and ends once it has not. The metric is a gauge, written at each look: where
 * nothing is written it is as it was. Of the deploys of many sources under one name the worst counts, of all looks of a
 * quarter of an hour.
 * @param metered as its metrics have it
 */
export function failedAlarm(
  scope: Construct,
  { deploy: name, ...metered }: Omit<MeteredDeploy, 'stack'>,
  actions: readonly IAlarmAction[],
): Alarm {
  const isOfMany = metered.source === undefined;
  const alarm = new Metric({
    namespace: METRIC_NAMESPACE,
    metricName: 'DeployFailed',
    dimensionsMap: { ...deployDimensions({ ...metered, deploy: name, stack: Stack.of(scope).stackName }) },
    statistic: isOfMany ? Stats.MAXIMUM : Stats.MINIMUM,
    period: isOfMany ? LOOK_EVERY : Duration.minutes(5),
  }).createAlarm(scope, 'Failed', {
    threshold: 0,
    evaluationPeriods: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    treatMissingData: TreatMissingData.IGNORE,
    alarmDescription: `Deploy ${name} failed for good. What to do: docs/aws.md#deploys`,
  });
  for (const action of actions) {
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
  }
  return alarm;
}
