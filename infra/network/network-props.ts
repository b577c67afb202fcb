import type { ISecurityGroup, IVpc, SubnetSelection, Vpc } from 'aws-cdk-lib/aws-ec2';

/** Where functions are in the network, and what they need to get out of it. */
export interface NetworkProps {
  /** A network of one's own, for registries in it or behind it. Functions there reach AWS by a NAT or by endpoints alone. */
  readonly vpc?: IVpc | Vpc;
  /** Default: private subnets with a way out. */
  readonly subnets?: SubnetSelection;
  /** Default: one for each function, which lets all out. */
  readonly securityGroups?: readonly ISecurityGroup[];
  /** More variables of functions: `HTTPS_PROXY`, `NO_PROXY`. AWS's services are asked without the proxy. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A file of certificates (PEM) of authorities of one's own, trusted beside the public ones. */
  readonly ca?: string;
}
