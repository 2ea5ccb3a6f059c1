WITH subject AS (
  SELECT
    party.party_key,
    party.bucket,
    COALESCE(party.keeper_no, party.unit_no) AS book,
    party.resident_type,
    wealth.loans,
    month.month,
    month.next_month,
    month.closed AS is_closed_month,
    CASE scope.basis WHEN 'month_end' THEN wealth.aum ELSE wealth.daily_average END AS measure,
    scope.enter_from,
    scope.exit_months,
    scope.notice_days,
    scope.keep_with_loan,
    COALESCE(past.in_scope, FALSE) AS was_in,
    past.since,
    past.noticed_on,
    CASE WHEN past.in_scope THEN past.months_below ELSE 0 END AS past_months_below,
    CASE WHEN past.in_scope THEN past.months_in ELSE 0 END AS past_months_in,
    party.state IN ('closed', 'deceased')
    AND month.known_on <= month.month_end
    OR COALESCE(wealth.accounts_open, 0) = 0 AS is_gone
  FROM core__party AS party
  INNER JOIN policy__scope_kind AS kind
    ON kind.customer_kind = party.kind
  CROSS JOIN policy__scope AS scope
  CROSS JOIN run__month AS month
  LEFT JOIN feature__wealth_month AS wealth
    ON wealth.party_key = party.party_key
  LEFT JOIN prev__score_scope AS past
    ON past.party_key = party.party_key
  WHERE
    past.in_scope
    OR CASE scope.basis WHEN 'month_end' THEN wealth.aum ELSE wealth.daily_average END >= scope.enter_from
), above AS (
  SELECT
    party_key
  FROM subject
  WHERE
    measure >= enter_from AND NOT is_gone
), kin AS (
  SELECT
    relation.party_key AS party_key
  FROM core__relation AS relation
  INNER JOIN policy__scope_family AS family
    ON family.kind = relation.kind
  INNER JOIN above
    ON above.party_key = relation.other_key
  CROSS JOIN run__month AS month
  WHERE
    relation.valid_to IS NULL OR relation.valid_to > month.business_date
  UNION
  SELECT
    relation.other_key AS party_key
  FROM core__relation AS relation
  INNER JOIN policy__scope_family AS family
    ON family.kind = relation.kind
  INNER JOIN above
    ON above.party_key = relation.party_key
  CROSS JOIN run__month AS month
  WHERE
    relation.valid_to IS NULL OR relation.valid_to > month.business_date
), counted AS (
  SELECT
    subject.*,
    CASE
      WHEN NOT subject.is_closed_month OR subject.measure IS NULL
      THEN subject.past_months_below
      WHEN subject.measure >= subject.enter_from
      THEN 0
      ELSE subject.past_months_below + 1
    END AS months_below,
    CASE
      WHEN subject.keep_with_loan AND subject.loans > 0
      THEN 'loan'
      WHEN NOT business.resident_type IS NULL
      THEN 'business'
      WHEN NOT kin.party_key IS NULL
      THEN 'family'
    END AS kept_by
  FROM subject
  LEFT JOIN policy__scope_business AS business
    ON business.resident_type = subject.resident_type
  LEFT JOIN kin
    ON kin.party_key = subject.party_key
), due AS (
  SELECT
    counted.*,
    counted.was_in
    AND counted.is_closed_month
    AND NOT counted.is_gone
    AND counted.kept_by IS NULL
    AND counted.months_below >= counted.exit_months AS is_due
  FROM counted
  WHERE
    counted.was_in OR counted.is_closed_month AND NOT counted.is_gone
), book AS (
  SELECT
    past.book,
    COUNT(*) AS customers
  FROM prev__score_scope AS past
  WHERE
    past.in_scope
  GROUP BY
    past.book
), already AS (
  SELECT
    past.book,
    COUNT(*) AS customers
  FROM past__score_scope AS past
  CROSS JOIN run__month AS month
  WHERE
    past.turn = 'left'
    AND past.month < month.month
    AND YEAR(past.month) = YEAR(month.month)
    AND (
      MONTH(past.month) - 1
    ) DIV 3 = (
      MONTH(month.month) - 1
    ) DIV 3
  GROUP BY
    past.book
), waiting AS (
  SELECT
    due.party_key,
    due.book,
    ROW_NUMBER() OVER (PARTITION BY due.book ORDER BY due.measure ASC, due.party_key ASC NULLS LAST) AS place
  FROM due
  WHERE
    due.is_due
    AND CAST(DATEDIFF(due.next_month, COALESCE(due.noticed_on, due.next_month)) AS BIGINT) >= due.notice_days
), leaving AS (
  SELECT
    waiting.party_key
  FROM waiting
  CROSS JOIN policy__scope AS scope
  LEFT JOIN book
    ON book.book = waiting.book
  LEFT JOIN already
    ON already.book = waiting.book
  WHERE
    waiting.place + COALESCE(already.customers, 0) <= (
      COALESCE(book.customers, 0) + COALESCE(already.customers, 0)
    ) * CAST(ROUND(scope.book_share * 100000000) AS BIGINT) DIV 100000000
), settled AS (
  SELECT
    due.*,
    CASE
      WHEN due.is_gone AND due.is_closed_month
      THEN 'gone'
      WHEN NOT due.was_in
      THEN 'entered'
      WHEN NOT due.is_closed_month
      THEN 'kept'
      WHEN NOT leaving.party_key IS NULL
      THEN 'left'
      WHEN due.is_due AND due.noticed_on IS NULL
      THEN 'noticed'
      WHEN due.is_due
      THEN 'waiting'
      WHEN due.months_below >= due.exit_months
      THEN 'excepted'
      WHEN due.months_below > 0
      THEN 'watch'
      ELSE 'reached'
    END AS turn
  FROM due
  LEFT JOIN leaving
    ON leaving.party_key = due.party_key
)
SELECT
  party_key,
  month,
  bucket,
  book,
  measure,
  NOT turn IN ('left', 'gone') AS in_scope,
  CASE WHEN turn = 'entered' THEN next_month ELSE since END AS since,
  CASE WHEN turn = 'kept' THEN past_months_in ELSE past_months_in + 1 END AS months_in,
  months_below,
  CASE
    WHEN is_due
    THEN COALESCE(noticed_on, next_month)
    WHEN NOT is_closed_month
    THEN noticed_on
  END AS noticed_on,
  CASE WHEN months_below > 0 THEN kept_by END AS kept_by,
  turn
FROM settled
