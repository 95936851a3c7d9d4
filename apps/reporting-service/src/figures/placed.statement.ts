/**
 * `placed (contribution_id, section_id)`: the section under which each contribution of campaign $1 is counted. It is that of the
 * first section or paragraph it points to; an answer that points to none is counted with what it answers, at any depth.
 * Not in the result, or null: without section. Begins a WITH list.
 *
 * Built from those that stand alone down to their answers: contributions that answer one another in a ring are never reached,
 * so the recursion ends.
 */
export const WITH_PLACED = `
  WITH RECURSIVE placed AS (
    SELECT root.contribution_id, node.section_id
      FROM contribution AS root
      LEFT JOIN document_node AS node ON node.campaign_id = root.campaign_id AND node.node_id = root.anchor_node_id
     WHERE root.campaign_id = $1 AND (root.anchor_node_id IS NOT NULL OR root.parent_id IS NULL)
    UNION ALL
    SELECT answer.contribution_id, placed.section_id
      FROM placed
      JOIN contribution AS answer ON answer.parent_id = placed.contribution_id
     WHERE answer.campaign_id = $1 AND answer.anchor_node_id IS NULL
  )`;
