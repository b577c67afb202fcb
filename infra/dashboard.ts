import { Duration, Stack } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  LogQueryWidget,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { GAUGES } from '../shared/aws/metrics.ts';
import { ownMetric } from './alarms.ts';
import type { LandfallFunction } from './function/landfall-function.ts';

export interface DashboardProps {
  readonly queue: Queue;
  readonly functions: readonly LandfallFunction[];
  readonly reconcile: LandfallFunction;
  readonly alarms: readonly Alarm[];
  readonly bucketName: string;
}

const HALF = 12;
const FULL = 24;

const graph = (title: string, left: readonly IMetric[], right: readonly IMetric[] = []): GraphWidget =>
  new GraphWidget({ title, width: HALF, height: 6, left: [...left], right: [...right] });

function functionGraphs(functions: readonly LandfallFunction[]): readonly GraphWidget[] {
  const period = Duration.minutes(5);
  const of = (metric: (given: LandfallFunction) => IMetric): readonly IMetric[] => functions.map(metric);
  return [
    graph(
      'Invocations, errors (right)',
      of(({ lambda, module }) => lambda.metricInvocations({ label: module, period })),
      of(({ lambda, module }) => lambda.metricErrors({ label: `${module} errors`, period })),
    ),
    graph(
      'Duration, p95',
      of(({ lambda, module }) => lambda.metricDuration({ label: module, period, statistic: Stats.p(95) })),
    ),
  ];
}

/** One page: what alarms say, whether triggers flow, whether sources fail, and the failures themselves. */
export function landfallDashboard(scope: Construct, id: string, props: DashboardProps): Dashboard {
  const { queue, functions, reconcile, alarms, bucketName } = props;
  return new Dashboard(scope, id, {
    dashboardName: `${Stack.of(scope).stackName}-${scope.node.id.toLowerCase()}`,
    defaultInterval: Duration.hours(6),
    widgets: [
      [new AlarmStatusWidget({ title: 'Alarms', width: FULL, height: 4, alarms: [...alarms] })],
      [
        graph(
          'Triggers waiting, age of the oldest in seconds (right)',
          [
            queue.metricApproximateNumberOfMessagesVisible(),
            queue.metricApproximateNumberOfMessagesNotVisible(),
          ],
          [queue.metricApproximateAgeOfOldestMessage()],
        ),
        graph(
          'Not well',
          GAUGES.map((name) => ownMetric(name, bucketName, Stats.MAXIMUM)),
        ),
      ],
      [...functionGraphs(functions)],
      [
        new LogQueryWidget({
          title: 'Last failures',
          width: FULL,
          height: 8,
          logGroupNames: [reconcile.logGroup.logGroupName],
          queryLines: [
            'fields @timestamp, source, code, error',
            'filter level = "error" or level = "warn"',
            'sort @timestamp desc',
            'limit 50',
          ],
        }),
      ],
    ],
  });
}
