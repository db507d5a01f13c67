// The answers of the explorer's API, as in docs/explorer-api.md.

export interface Status {
  graphlink: string;
  name: string;
  fingerprint: string;
  state: "indexing" | "ready" | "failed";
  done: number;
  message: string;
}

export interface Summary {
  n_accounts: number;
  n_observations: number;
  n_identifiers: number;
  n_links: number;
  n_clusters: number;
  n_clustered_accounts: number;
  first_seen: string | null;
  last_seen: string | null;
  new_since: string | null;
  prior_bits: number;
  n_rejected_rows: number;
  rejected_rows: { reason: string; n: number }[];
  hypotheses: { hypothesis: string; n_clusters: number; n_accounts: number }[];
  capped: { kind: string; n_pairs: number; largest: { value: string; n_accounts: number }[] }[];
  /** What figures of a cluster mean, by column. */
  definitions: Record<string, string>;
  /** The words of the values of a column: hypothesis, also_explained_by, status, role, constrained_by. */
  vocabulary: Record<string, Record<string, string>>;
}

/** The meaning of a cluster's figures, worded by the server as in every other output. */
export interface ClusterWords {
  claim: string;
  fdr: string;
  fdr_sentence: string;
  harmless: string;
  harmless_sentence: string;
  constraint_sentence: string;
  chance_sentence: string;
  weakest_cut: string;
  weakest_cut_sentence: string;
  priority: string;
  priority_sentence: string;
  soon_after: string;
  soon_after_sentence: string;
}

export interface FacetShare {
  facet: string;
  /** Null until the index is ready. */
  share: number | null;
}

export interface Cluster {
  cluster_id: string;
  priority: number;
  n_accounts: number;
  n_core: number;
  n_constrained: number;
  n_open: number;
  n_new: number;
  n_soon_after: number;
  n_soon_after_by_chance: number | null;
  is_above_chance: boolean;
  score: number;
  hypothesis: string;
  facets: FacetShare[];
  mean_bits: number;
  density: number;
  weakest_cut: number | null;
  weakest_cut_side: number | null;
  weakest_cut_is_bound: boolean | null;
  expected_by_chance: number | null;
  fdr: number | null;
  p_same_operator: number | null;
  p_shared_intermediary: number | null;
  p_shared_network: number | null;
  p_openly_one_organisation: number | null;
  rival: string | null;
  rival_bits: number | null;
  also_explained_by: string | null;
  words: ClusterWords;
  /** open, partly_closed or closed. */
  status: string;
  n_links: number;
  n_routers: number | null;
  first_seen: string | null;
  last_seen: string | null;
  /** Observations before the bins of `activity`. */
  n_before: number | null;
  activity: number[] | null;
}

export interface Page<R> {
  rows: R[];
  total: number;
  offset: number;
  limit: number;
}

export interface Queue extends Page<Cluster> {
  n_openly: number;
  n_others: number;
  order: { part: string; title: string; points: number }[];
  counts: {
    hypotheses: { hypothesis: string; n: number }[];
    facets: { facet: string; n: number }[];
    statuses: { status: string; n: number }[];
    also_explained_by: { also_explained_by: string; n: number }[];
  };
}

export interface Reason {
  rank: number;
  reason: string;
  kind: string | null;
  value: string | null;
  bits: number;
  n_accounts: number;
  detail: string;
  /** Of all evidence for the cluster. */
  share: number;
}

export interface ClusterHead {
  cluster: Cluster;
  reasons: Reason[];
  statuses: { status: string | null; n: number }[];
  n_graph_nodes: number;
  graph_mode: string;
}

export interface Attribute {
  name: string;
  value: string | number | boolean | null;
}

export interface Member {
  id: string;
  account_id: string;
  probability: number | null;
  role: string;
  status: string | null;
  created_at: string | null;
  closed_at: string | null;
  first_seen: string | null;
  last_seen: string | null;
  n: number;
  n_identifiers: number;
  degree: number;
  bits: number;
  is_new: boolean;
  attributes: Attribute[];
}

/** A new account of a cluster. */
export interface Joined {
  id: string;
  account_id: string;
  opened: string | null;
  is_open: boolean;
  role: string;
  probability: number;
  /** Empty where no evidence in the cluster touches the account. */
  tie_kind: string;
  tie_value: string;
  n_tied: number;
  /** The same in words, and of `after`. */
  tied_by: string;
  /** The member closed last before it was opened; empty when there is none. */
  after: string;
  after_closed_at: string | null;
  lag: string;
  is_soon_after: boolean;
}

export interface JoinedPage extends Page<Joined> {
  n_soon_after: number;
  words: Pick<ClusterWords, "soon_after" | "soon_after_sentence">;
  /** Which accounts are new, in words. */
  what: string;
  rule: string;
}

/** What accounts of a cluster came through. */
export interface InfrastructureRow {
  id: string;
  kind: string;
  value: string;
  role: string;
  role_words: string;
  owner: string | null;
  owner_type: string | null;
  n_members: number;
  n_others: number;
  n_clusters: number;
  p_exclusive: number | null;
  share: number;
  n: number;
  first_seen: string | null;
  last_seen: string | null;
}

export interface InfrastructurePage extends Page<InfrastructureRow> {
  n_single: number;
  words: string;
  roles: { role: string; title: string; about: string; n: number }[];
}

/** What decides about a cluster, in sentences. */
export interface Brief {
  what: string;
  accounts: string;
  since: string;
  through: string;
  back: string;
  sure: string;
  otherwise: string;
  /** Whether what else explains it is harmless, or hardly distinguished. */
  is_doubtful: boolean;
  n_back: number;
  named: InfrastructureRow[];
  order: { total: number; confidence: number; sentence: string; place: number; n_clusters: number; parts: { part: string; title: string; points: number; most: number }[] };
}

export interface Tie {
  id: string | null;
  kind: string;
  value: string;
  facet: string;
  bits: number;
  n_links: number;
  n_members: number;
  degree: number | null;
  p_exclusive: number | null;
  is_hub: boolean | null;
  is_capped: boolean | null;
  label: string | null;
  label_type: string | null;
  first_seen: string | null;
  last_seen: string | null;
}

export interface Link {
  account_id_l: string;
  account_id_r: string;
  bits: number;
  probability: number;
  n_evidence: number;
  n_facets: number;
}

export interface GraphNode {
  id: string;
  type: "account" | "identifier" | "group" | "cluster";
  label: string;
  kind: string;
  facet: string | null;
  degree: number | null;
  n_edges: number;
  p_exclusive: number | null;
  tag: string | null;
  tag_type: string | null;
  is_hub: boolean | null;
  role: string | null;
  probability: number | null;
  status: string | null;
  is_new: boolean | null;
  cluster_id: string | null;
  n_accounts: number | null;
  bits: number | null;
  first_seen: string | null;
  last_seen: string | null;
  x: number;
  y: number;
}

export interface GraphEdge {
  id: string;
  source: string;
  target: string;
  kind: string;
  facet: string | null;
  bits: number;
  n: number;
  first_seen: string | null;
  last_seen: string | null;
}

export interface Graph {
  cluster_id: string;
  mode: string;
  n_left_out: number;
  n_accounts: number;
  n_identifiers: number;
  nodes: GraphNode[];
  edges: GraphEdge[];
}

export interface Expansion {
  node: string;
  total: number;
  nodes: GraphNode[];
  edges: GraphEdge[];
}

export interface Session {
  from: number;
  to: number;
  identifier: number;
  n: number;
}

export interface Lane {
  id: string | null;
  account_id: string | null;
  role: string | null;
  n: number;
  born: number | null;
  closed: number | null;
  status: string | null;
  sessions: Session[];
}

export interface Timeline {
  kind: string;
  kinds: string[];
  start: string;
  end: string;
  gap: number;
  bin: number;
  /** Observations beyond the span that is shown, and when the first and the last was. */
  n_before: number;
  n_after: number;
  first: string | null;
  last: string | null;
  activity: number[];
  n_left_out: number;
  identifiers: { id: string; kind: string; value: string; n: number }[];
  lanes: Lane[];
}

export interface Hit {
  type: string;
  id: string;
  kind: string | null;
  value: string | null;
  account_id: string | null;
  cluster_id: string | null;
  facet: string | null;
  n_accounts: number | null;
  probability: number | null;
  p_exclusive: number | null;
  label: string | null;
  is_exact: boolean;
}

export interface SearchAnswer {
  q: string;
  n: number;
  is_capped: boolean;
  hits: Hit[];
}

export interface LookupRow {
  q: string;
  type: string | null;
  id: string | null;
  kind: string | null;
  n_accounts: number;
  cluster_id: string | null;
  accounts: string[];
}

export interface Lookup {
  rows: LookupRow[];
  clusters: { cluster_id: string; n_found: number; n_accounts: number }[];
  n_found: number;
  n_unknown: number;
  unknown: string[];
}

export interface MapAnswer {
  nodes: {
    id: string;
    cluster_id: string;
    n_accounts: number;
    score: number;
    hypothesis: string;
    priority: number;
    facet: string;
    x: number;
    y: number;
  }[];
  edges: { source: string; target: string; n_links: number; bits: number }[];
  n_left_out: number;
}

export interface Holder {
  id: string;
  account_id: string;
  cluster_id: string | null;
  role: string | null;
  probability: number | null;
  status: string | null;
  n: number;
}

export interface AccountAnswer {
  id: string;
  account_id: string;
  cluster_id: string | null;
  role: string | null;
  probability: number | null;
  status: string | null;
  created_at: string | null;
  closed_at: string | null;
  first_seen: string | null;
  last_seen: string | null;
  n: number;
  n_identifiers: number;
  is_new: boolean;
  attributes: Attribute[];
  n_links: number;
  identifiers: {
    id: string;
    kind: string;
    value: string;
    n: number;
    degree: number | null;
    p_exclusive: number | null;
    label: string | null;
    first_seen: string | null;
    last_seen: string | null;
  }[];
  n_left_out: number;
}

export interface IdentifierAnswer {
  id: string;
  kind: string;
  value: string;
  facet: string;
  degree: number;
  p_exclusive: number | null;
  is_hub: boolean;
  is_capped: boolean;
  label: string | null;
  label_type: string | null;
  first_seen: string | null;
  last_seen: string | null;
  n_pairs: number;
  n_joint_pairs: number;
  /** How far the pairs of its holders were compared; empty where all were. */
  reach: string;
  n_clustered: number;
  clusters: { cluster_id: string; n_holders: number; n_accounts: number }[];
  holders: Page<Holder>;
}
