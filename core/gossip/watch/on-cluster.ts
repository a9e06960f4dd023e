import { formatInstant } from '../../time.ts';
import type { Cluster, ClusterNode } from '../cluster.ts';
import type { Gossip } from '../gossip.ts';
import { Broken } from './broken.ts';
import { type Life, SOUND, Watch } from './watch.ts';

/**
 * Holds the nodes of a cluster to the properties of memberlist: throws `Broken` as soon as one does not hold. To be called before the first
 * node is made.
 *
 * @param known names of properties that the profile is known to break
 */
export function watchCluster(cluster: Cluster, known: readonly string[] = []): void {
  const lives = new Map<ClusterNode, Life>();
  const nodes = new Map<Life, ClusterNode>();
  const watch = new Watch((property, life, found) => {
    if (found === SOUND || known.includes(property)) return;
    throw new Broken(property, `${formatInstant(cluster.now, 3)} s ${nodes.get(life)?.name} ${found}`);
  });
  const lifeOf = (node: ClusterNode): Life => {
    const begun = lives.get(node);
    if (begun !== undefined) return begun;
    const life = watch.begin(node.parts[0] as unknown as Gossip);
    lives.set(node, life);
    nodes.set(life, node);
    return life;
  };
  cluster.feeding = (node, part, input) => {
    const { now } = cluster;
    if (part === 0) watch.feeding(lifeOf(node), { input, now, late: node.resumedAt === now });
  };
  cluster.fed = (node, part) => {
    if (part === 0) watch.fed(lifeOf(node));
  };
  cluster.showed = ({ node, part, subject, field, value }) => {
    const life = lifeOf(cluster.node(node));
    if (part === 0) watch.showed(life, subject, life.gossip.cells.indexOf(field), value);
  };
  cluster.sent = (from, to, message, bytes) => watch.sent(lifeOf(cluster.node(from)), { to, message, bytes });
}
