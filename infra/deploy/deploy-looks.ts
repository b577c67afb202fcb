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
import {
  DEPLOY_METRIC_DIMENSION,
  METRIC_NAMESPACE,
  STACK_METRIC_DIMENSION,
} from '../../shared/aws/metrics.ts';
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

/** Goes off where a deploy failed for good. @param name as its metrics have it */
export function failedAlarm(scope: Construct, name: string, actions: readonly IAlarmAction[]): Alarm {
  const alarm = new Metric({
    namespace: METRIC_NAMESPACE,
    metricName: 'DeployFailed',
    dimensionsMap: { [STACK_METRIC_DIMENSION]: Stack.of(scope).stackName, [DEPLOY_METRIC_DIMENSION]: name },
    statistic: Stats.SUM,
    period: Duration.minutes(5),
  }).createAlarm(scope, 'Failed', {
    threshold: 0,
    evaluationPeriods: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
    alarmDescription: `Deploy ${name} failed for good. What to do: docs/alarms.md#deploys`,
  });
  for (const action of actions) alarm.addAlarmAction(action);
  return alarm;
}
