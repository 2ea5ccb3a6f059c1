WITH spoken AS (
  SELECT
    *
  FROM feature__signal_outflow AS signal_outflow
  UNION ALL
  SELECT
    *
  FROM feature__signal_payroll AS signal_payroll
  UNION ALL
  SELECT
    *
  FROM feature__signal_maturity AS signal_maturity
  UNION ALL
  SELECT
    *
  FROM feature__signal_habit AS signal_habit
  UNION ALL
  SELECT
    *
  FROM feature__signal_service AS signal_service
)
SELECT
  s.party_key,
  s.month,
  s.bucket,
  s.signal,
  s.amount,
  s.usual,
  s.share,
  s.times,
  s.usual_times,
  s.day,
  s.place,
  s.destination
FROM spoken AS s
JOIN policy__warning_signal AS k
  ON k.signal = s.signal AND k.is_on
