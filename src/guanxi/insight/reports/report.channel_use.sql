-- report.channel_use · grain: month, unit_no, kind, age_band · scope: whole · months: each
-- Postings that customers made in the month, by where they made them (电子渠道替代率): at the counter, at machines, by phone,
-- on the online and mobile bank, and through third parties. Postings on channels the policy does not name count nowhere.
SELECT
    r.month,
    COALESCE(p.unit_no, '') AS unit_no,
    COALESCE(p.kind, '') AS kind,
    COALESCE(b.age_band, '') AS age_band,
    COUNT(*) AS customers,
    SUM(a.counter_count) AS counter_count,
    SUM(a.self_service_count) AS self_service_count,
    SUM(a.mobile_count) AS mobile_count,
    SUM(a.web_count) AS web_count,
    SUM(a.phone_count) AS phone_count,
    SUM(a.third_party_count) AS third_party_count
FROM feature.activity_month AS a
INNER JOIN core.party AS p ON p.party_key = a.party_key
CROSS JOIN run.month AS r
LEFT JOIN score.behaviour AS b ON b.party_key = a.party_key
WHERE a.counter_count + a.self_service_count + a.mobile_count + a.web_count + a.phone_count + a.third_party_count > 0
GROUP BY 1, 2, 3, 4
