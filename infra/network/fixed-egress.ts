import { CfnEIP, GatewayVpcEndpointAwsService, NatProvider, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledgements.ts';

/**
 * A network whose functions are seen from few addresses that stay, for registries with a list of whom they let in.
 * S3 is reached beside the NAT, so that what lands is not paid for twice.
 */
export class FixedEgress extends Construct {
  readonly vpc: Vpc;
  /** Allocated for good: what the registry's list has. */
  readonly addresses: readonly string[];

  /** @param zones availability zones, each with a NAT and an address; one is less to pay for, two outlive a zone. Default 1. */
  constructor(scope: Construct, id: string, { zones = 1 }: { readonly zones?: number } = {}) {
    super(scope, id);
    const allocated = Array.from(
      { length: zones },
      (_, at) => new CfnEIP(this, `Address${at + 1}`, { domain: 'vpc' }),
    );
    this.addresses = allocated.map(({ attrPublicIp }) => attrPublicIp);
    this.vpc = new Vpc(this, 'Network', {
      maxAzs: zones,
      natGatewayProvider: NatProvider.gateway({
        eipAllocationIds: allocated.map(({ attrAllocationId }) => attrAllocationId),
      }),
      natGateways: zones,
      subnetConfiguration: [
        { name: 'Out', subnetType: SubnetType.PUBLIC, cidrMask: 28 },
        { name: 'Functions', subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      ],
      gatewayEndpoints: { S3: { service: GatewayVpcEndpointAwsService.S3 } },
      // That adds a function with rights over any security group.
      restrictDefaultSecurityGroup: false,
    });
    acknowledge(
      this.vpc,
      'VPC7',
      'What functions asked of registries is in their logs; flow logs are the owner’s to add',
    );
  }
}
