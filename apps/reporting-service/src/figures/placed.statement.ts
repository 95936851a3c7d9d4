/**
 * Two tables of campaign $1, from one reading of it. Begins a WITH list.
 *
 * `brief`: what is counted of each contribution, without its texts.
 *
 * `placed (contribution_id, section_id)`: the section under which each is counted. It is that of the first section or paragraph
 * it points to; an answer that points to none is counted with what it answers, at any depth. Not in the result, or null: without
 * section. Built from those that stand alone down to their answers: contributions that answer one another in a ring are never
 * reached, so the recursion ends.
 */
export const WITH_PLACED = `
  WITH RECURSIVE brief AS MATERIALIZED (
    SELECT contribution_id, filing_number, received_at, status, participant_ref, kind, stance, audience, anchor_node_id, parent_id
      FROM contribution
     WHERE campaign_id = $1
  ),
  placed AS (
    SELECT root.contribution_id, node.section_id
      FROM brief AS root
      LEFT JOIN document_node AS node ON node.campaign_id = $1 AND node.node_id = root.anchor_node_id
     WHERE root.anchor_node_id IS NOT NULL OR root.parent_id IS NULL
    UNION ALL
    SELECT answer.contribution_id, placed.section_id
      FROM placed
      JOIN brief AS answer ON answer.parent_id = placed.contribution_id
     WHERE answer.anchor_node_id IS NULL
  )`;
