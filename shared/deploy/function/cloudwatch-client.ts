import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import type { AwsAccess } from '../kit/aws-access.ts';
import type { AlarmStates } from './lambda.ts';

/** Names that one call takes. */
const BATCH = 100;

/** Alarms of CloudWatch by the SDK, for one deploy. */
export function openAlarms(aws: AwsAccess): AlarmStates {
  const sdk = new CloudWatchClient(aws.settings);
  return async (names) => {
    const states = new Map<string, string>();
    for (let at = 0; at < names.length; at += BATCH) {
      const command = new DescribeAlarmsCommand({
        AlarmNames: names.slice(at, at + BATCH),
        AlarmTypes: ['CompositeAlarm', 'MetricAlarm'],
        MaxRecords: BATCH,
      });
      const { MetricAlarms = [], CompositeAlarms = [] } = await aws.call('DescribeAlarms', (options) =>
        sdk.send(command, options),
      );
      for (const { AlarmName = '', StateValue = '' } of [...MetricAlarms, ...CompositeAlarms])
        states.set(AlarmName, StateValue);
    }
    return states;
  };
}
