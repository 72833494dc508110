"""Differences that are right: a pattern of the case, of the place and of what differs, and the reason.

An entry that nothing matches any more is a failure, so that the table shrinks when the tenant grows.
"""

USERS = r"User-list-page\.json"
PERSONS = r"PerPerson-list\.json|entra-queries\.txt \d"
MISSING, MORE = "recorded, and not answered", "answered, and not recorded"

RIGHT = [
    (
        USERS,
        r"User/(\w+Of\w+Nav|userSysId\w+Nav|competencyRatingNav|nominationNav)",
        MISSING,
        "back links of modules (time, benefits, payroll, talent) that this tenant has not switched on",
    ),
    (
        USERS,
        r"User/(benchStrength|function|impactOfLoss|relocate|riskOfLoss|travel)(Nav)?|User/(lastReviewDate|reviewFreq|title2)",
        MISSING,
        "fields of talent management and their picklists, which a tenant's data model may leave out",
    ),
    (USERS, r"User/userPermissionsNav", MISSING, "sap:field-control is not served: docs/reference/simulator.md, section 3.2"),
    (
        USERS,
        r"User/(addressLine3|cellPhone|citizenship|dateOfBirth|employeeClass|homePhone|jobLevel|jobTitle|localCurrencyCode)"
        r"|User/(married|matrixManaged|nationality|nickname|origHireDate|payGrade|salutation|sciLastModified|suffix)",
        MORE,
        "published fields that the recorded tenant of 2015 had not in its data model",
    ),
    (USERS, r"User/(customManager|customReports|empInfo|personKeyNav)", MORE, "links to Employee Central, which that tenant had not"),
    (PERSONS, r"PerPerson/(birthName|regionOfBirth|userId)", MORE, "published fields that the recorded tenant had not in its data model"),
    (
        PERSONS,
        r"PerPerson/(emergencyContactNav|personRerlationshipNav|personTypeUsageNav)",
        MISSING,
        "segments that no identity product reads: docs/reference/simulator.md, section 8",
    ),
    (
        r"Picklist-expanded\.json",
        r"PicklistOption/localeLabel",
        MORE,
        "declared visible by the recorded tenant's own metadata, which is younger than its recorded answer",
    ),
    (
        r"Background_SpecialAssign-list\.json",
        r"Background_SpecialAssign/price",
        MISSING,
        "not SAP's: those who recorded the answer added it for a test of theirs",
    ),
    (
        r"upsert-DynamicGroup-request\.json",
        r"d/dgIncludePools/filters/field/allowedOperators/token",
        r"written, and not read",
        "the operators that a field allows are a list when read; the request names the one it uses",
    ),
    (
        r"error-bodies\.json",
        r"401 \[LGN0015\].*",
        r".*LGN0010.*",
        "Basic is switched off, as SAP has planned; with the switch on a transcript holds LGN0015",
    ),
    (
        r"\$metadata.*",
        r"(EmpEmployment/assignmentIdExternal|PerPerson/placeOfBirth|Territory/twoCharCountryCode|User/function)",
        r"declared, and not published",
        "fields that recorded answers and products' documents have and the published metadata lacks",
    ),
]
