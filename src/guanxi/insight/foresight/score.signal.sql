-- score.signal · grain: party_key, month, signal · scope: bucket · months: each
-- Every leading indicator (先行信号) that speaks of a customer at the month's last day counted, as far as the policy has it
-- switched on. Each can be explained by itself: amounts, what is usual for the customer, when, and where to.
WITH spoken AS (
    SELECT * FROM feature.signal_outflow
    UNION ALL
    SELECT * FROM feature.signal_payroll
    UNION ALL
    SELECT * FROM feature.signal_maturity
    UNION ALL
    SELECT * FROM feature.signal_habit
    UNION ALL
    SELECT * FROM feature.signal_service
)
SELECT s.party_key, s.month, s.bucket, s.signal, s.amount, s.usual, s.share, s.times, s.usual_times, s.day, s.place,
       s.destination
FROM spoken AS s
JOIN policy.warning_signal AS k ON k.signal = s.signal AND k.is_on
